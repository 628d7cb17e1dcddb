from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from ui.whole_file import sync, take_name, written_beside


def test_a_file_gets_its_name_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "sheet.pdf"
    with written_beside(target) as part:
        part.write_bytes(b"half")
        assert part.parent == tmp_path and not target.exists()
        part.write_bytes(b"whole")
        sync(part)
        take_name(part, target)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"sheet.pdf": b"whole"}


@pytest.mark.parametrize("end", [KeyboardInterrupt, OSError])
def test_nothing_is_left_of_a_file_that_was_stopped(tmp_path: Path, end: type[BaseException]) -> None:
    with pytest.raises(end), written_beside(tmp_path / "sheet.pdf") as part:
        part.write_bytes(b"half")
        raise end
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    (tmp_path / "dangling").symlink_to("nowhere")
    for name in ("a", "dangling"):
        with written_beside(tmp_path / name) as part:
            part.write_text("other")
            with pytest.raises(FileExistsError):
                take_name(part, tmp_path / name)
    assert (tmp_path / "a").read_text() == "mine"
    assert sorted(os.listdir(tmp_path)) == ["a", "dangling"]


def test_a_disk_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refused)
    for content in ("first", "second"):
        (tmp_path / "part").write_text(content)
        if content == "first":
            take_name(tmp_path / "part", tmp_path / "a")
        else:
            with pytest.raises(FileExistsError):
                take_name(tmp_path / "part", tmp_path / "a")
    assert (tmp_path / "a").read_text() == "first"
