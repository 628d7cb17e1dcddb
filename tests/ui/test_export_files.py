from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ui.export_files import copy_photos, link_photos, names, zip_photos
from ui.exported import ExportedPhoto, Problem

Make = Callable[..., ExportedPhoto]


@pytest.fixture
def three(tmp_path: Path, exported: Make) -> list[ExportedPhoto]:
    """a/x.jpg and b/x.jpg, which hold "a" and "b", and gone.jpg between them, which is not there."""
    paths = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.jpg").write_text(name)
        os.utime(tmp_path / name / "x.jpg", ns=(0, 10**18))
        paths.append(tmp_path / name / "x.jpg")
    return [exported(path) for path in (paths[0], tmp_path / "gone.jpg", paths[1])]


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_copies_and_a_name_that_comes_twice(three: list[ExportedPhoto], tmp_path: Path) -> None:
    folder = tmp_path / "new" / "deep"
    gone = Problem(str(tmp_path / "gone.jpg"), "no such file or directory")
    assert copy_photos(three, folder) == [gone]
    assert contents(folder) == {"x.jpg": "a", "x (2).jpg": "b"}
    assert (folder / "x.jpg").stat().st_mtime_ns == 10**18
    # Nothing that is there is ever replaced.
    assert copy_photos(three[:1], folder) == []
    assert contents(folder) == {"x.jpg": "a", "x (2).jpg": "b", "x (3).jpg": "a"}


def test_the_order_in_the_names(three: list[ExportedPhoto], tmp_path: Path, exported: Make) -> None:
    copy_photos(three, tmp_path / "new", numbered=True)
    assert contents(tmp_path / "new") == {"1_x.jpg": "a", "3_x.jpg": "b"}
    ten = [exported(f"/{n}.jpg") for n in range(10)]
    assert names(ten, numbered=True)[0] == "01_0.jpg"
    assert names(ten, numbered=False)[9] == "9.jpg"


def test_a_photo_that_is_no_plain_file_is_told(tmp_path: Path, exported: Make) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    [problem] = copy_photos([exported(tmp_path / "pipe.jpg")], tmp_path / "new")
    assert "named pipe" in problem.reason
    assert contents(tmp_path / "new") == {}
    [problem] = zip_photos([exported(tmp_path / "pipe.jpg")], tmp_path / "a.zip")
    assert problem.reason == "not a plain file"


def test_a_name_that_is_no_text(tmp_path: Path, exported: Make) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.jpg")
    Path(odd).write_text("odd")
    assert copy_photos([exported(odd)], tmp_path / "new") == []
    assert os.listdir(os.fsencode(tmp_path / "new")) == [b"caf\xe9.jpg"]
    assert zip_photos([exported(odd)], tmp_path / "a.zip") == []
    assert zipfile.ZipFile(tmp_path / "a.zip").namelist() == ["caf\ufffd.jpg"]


def test_symbolic_links(three: list[ExportedPhoto], tmp_path: Path) -> None:
    assert [problem.path for problem in link_photos(three, tmp_path / "new")] == [str(tmp_path / "gone.jpg")]
    assert os.readlink(tmp_path / "new" / "x.jpg") == three[0].path
    assert contents(tmp_path / "new") == {"x.jpg": "a", "x (2).jpg": "b"}


def test_hard_links(three: list[ExportedPhoto], tmp_path: Path) -> None:
    link_photos(three, tmp_path / "new", "hard", numbered=True)
    assert os.path.samefile(tmp_path / "new" / "1_x.jpg", three[0].path)
    assert not (tmp_path / "new" / "1_x.jpg").is_symlink()
    assert os.listdir(tmp_path / "new") != []


def test_a_zip(three: list[ExportedPhoto], tmp_path: Path) -> None:
    os.utime(three[0].path, (0, 0))  # before the time that ZIP begins at
    problems = zip_photos(three, tmp_path / "a.zip")
    assert problems == [Problem(str(tmp_path / "gone.jpg"), "no such file or directory")]
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {"x.jpg": b"a", "x (2).jpg": b"b"}
        assert archive.infolist()[0].date_time[0] == 1980


def test_names_in_a_zip_differ_in_more_than_their_case(tmp_path: Path, exported: Make) -> None:
    for name in ("a.jpg", "A.JPG"):
        (tmp_path / name).write_text(name)
    zip_photos([exported(tmp_path / "a.jpg"), exported(tmp_path / "A.JPG")], tmp_path / "a.zip")
    assert zipfile.ZipFile(tmp_path / "a.zip").namelist() == ["a.jpg", "A (2).JPG"]
