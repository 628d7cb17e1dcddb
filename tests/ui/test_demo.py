"""The demo's photos come out of installed packages, and a second run has nothing left to do."""

from pathlib import Path

import pytest
from PIL import Image

from ui import demo


def test_photos_are_real_and_copied_once(tmp_path: Path) -> None:
    photos = demo.collect_photos(tmp_path / "photos")
    assert len(photos) == 15
    for path in photos:
        with Image.open(path) as photo:
            assert min(photo.size) >= 200
    before = {path: path.stat().st_mtime_ns for path in photos}
    (tmp_path / "photos" / "coffee.png").write_bytes(b"mine")
    assert demo.collect_photos(tmp_path / "photos") == photos
    assert (tmp_path / "photos" / "coffee.png").read_bytes() == b"mine"
    assert photos[0].stat().st_mtime_ns == before[photos[0]]


def test_second_run_indexes_nothing_and_finds_the_same(
    encoder: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo.run(tmp_path)
    first = capsys.readouterr().out
    demo.run(tmp_path)
    second = capsys.readouterr().out
    assert "15 added" in first
    assert "15 unchanged" in second
    begin = "bridgelens search"
    assert first[first.index(begin) :] == second[second.index(begin) :]
    assert first.count("bridgelens search") == len(demo.CAPTIONS)
    assert "bridgelens web --library" in first
