"""`bridgelens list`, on real photos with real EXIF."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image

from ui.listing import shown_of

Run = Callable[..., Any]


def save(path: Path, colour: str, taken: str, camera: str) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = camera
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken
    Image.new("RGB", (40, 30), colour).save(path, exif=exif)


@pytest.fixture
def dated(bridgelens: Run, encoder: object, photos: Path) -> Run:
    """red, green and blue without a date; may.jpg and, with a copy in sub/, june.jpg of 2023."""
    save(photos / "may.jpg", "red", "2023:05:31 23:59:59", "EOS R5")
    save(photos / "june.jpg", "blue", "2023:06:01 00:00:00", "Pixel 8")
    (photos / "sub").mkdir()
    (photos / "sub" / "june.jpg").write_bytes((photos / "june.jpg").read_bytes())
    assert bridgelens("index", photos).code == 0
    return bridgelens


def test_paths_the_newest_first(dated: Run, photos: Path) -> None:
    ran = dated("list", "--paths")
    assert ran.out.splitlines()[:2] == [str(photos / "june.jpg"), str(photos / "may.jpg")]
    assert (len(ran.out.splitlines()), ran.err) == (5, "")
    assert dated("list", "--paths", "-0", "-k", 1).out == f"{photos / 'june.jpg'}\0"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (["--before", "2023-05"], ["may.jpg"]),
        (["--since", "2023-06"], ["june.jpg"]),
        (["--after", "2023", "--until", "2023"], ["june.jpg", "may.jpg"]),
        (["--camera", "pixel", "--camera", "r5"], ["june.jpg", "may.jpg"]),
        (["--camera", "pixel", "--before", "2022"], []),
        (["--kind", "video"], []),
        (["--copies"], ["june.jpg"]),
        (["--rating", "1"], []),
    ],
)
def test_what_the_flags_leave(dated: Run, asked: list[str], found: list[str]) -> None:
    ran = dated("list", "--paths", *asked)
    assert (ran.code, [Path(line).name for line in ran.out.splitlines()]) == (0, found)


def test_the_path_is_in_the_folder_that_was_asked_for(dated: Run, photos: Path) -> None:
    assert dated("list", "--in", photos / "sub", "--paths").out == f"{photos / 'sub' / 'june.jpg'}\n"
    fields = json.loads(dated("list", "--in", photos / "sub", "--json").out)
    assert (fields["path"], fields["copies"]) == (
        str(photos / "sub" / "june.jpg"),
        [str(photos / "june.jpg")],
    )
    assert (fields["taken_at"], fields["camera"], fields["width"]) == ("2023-06-01T00:00:00", "Pixel 8", 40)


def test_a_table_for_people(dated: Run) -> None:
    ran = dated("list", "--after", "2023")
    lines = [line.split() for line in ran.out.splitlines() if ".jpg" in line]
    assert lines[0][:4] == ["2023-06-01", "00:00", "Pixel", "8"]
    assert lines[0][-2:] == ["+1", "copy"]
    assert lines[1][:4] == ["2023-05-31", "23:59", "EOS", "R5"]
    assert ran.err == "2 photos.\n"
    assert "The newest 1 of 2 photos; -k 2 shows all." in dated("list", "--after", "2023", "-k", 1).err


def test_how_many() -> None:
    assert shown_of(0, 0) == "0 photos."
    assert shown_of(1, 1) == "1 photo."
    assert shown_of(100, 1234) == "The newest 100 of 1,234 photos; -k 1234 shows all."


def test_a_name_that_is_no_text_survives_json(bridgelens: Run, encoder: object, photos: Path) -> None:
    odd = os.fsencode(photos) + b"/caf\xe9.png"
    os.rename(os.fsencode(photos / "red.png"), odd)
    bridgelens("index", photos)
    assert os.fsdecode(odd) in [
        json.loads(line)["path"] for line in bridgelens("list", "--json").out.splitlines()
    ]


def test_refusals(dated: Run, tmp_path: Path) -> None:
    for asked, said in (
        (["--json", "--paths"], "--json and --paths exclude each other"),
        (["--in", str(tmp_path / "other")], "expected one of the library's folders"),
        (["--after", "yesterday"], "--after yesterday: expected a year"),
        (["--near", "here"], "--near here: expected latitude"),
    ):
        ran = dated("list", *asked)
        assert (ran.code, ran.out) == (2, "")
        assert said in ran.err


def test_a_point_in_the_south_is_no_flag(dated: Run) -> None:
    ran = dated("list", "--near", "-33.8,151.2,5km")
    assert (ran.code, ran.err) == (0, "0 photos.\n")
