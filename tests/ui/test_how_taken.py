"""How a photo of the library was taken, as its file says when it is asked."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from indexer.exposure import Exposure
from storage.library import Library
from storage.records import PhotoRecord
from ui.how_taken import how_taken

Taken = Callable[[], Exposure]


@pytest.fixture
def pinhole(photos: Path) -> Path:
    """A photo of two seconds."""
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.ExposureTime] = IFDRational(2)
    Image.new("RGB", (40, 30), "red").save(photos / "pinhole.jpg", exif=exif)
    return photos / "pinhole.jpg"


@pytest.fixture
def taken(pinhole: Path, indexed: Any, tmp_path: Path) -> Taken:
    """Asks the library how that photo was taken, by what it knew when it was indexed."""
    with Library.open(tmp_path / "library") as library:
        record = library.photo_at(os.fspath(pinhole))
    assert record is not None
    known: PhotoRecord = record

    def ask() -> Exposure:
        with Library.open(tmp_path / "library") as library:
            return how_taken(known, library)

    return ask


def test_its_file_says(taken: Taken) -> None:
    assert taken() == Exposure(seconds=2)


def test_a_file_that_is_gone_says_nothing(taken: Taken, pinhole: Path) -> None:
    pinhole.unlink()
    assert taken() == Exposure()


def test_a_file_that_holds_something_else_by_now_says_nothing(taken: Taken, pinhole: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.ExposureTime] = IFDRational(5)
    Image.new("RGB", (40, 30), "red").save(pinhole, exif=exif)
    assert taken() == Exposure()


def test_a_file_behind_a_link_out_of_the_folder_says_nothing(
    taken: Taken, pinhole: Path, tmp_path: Path
) -> None:
    pinhole.symlink_to(pinhole.rename(tmp_path / "outside.jpg"))
    assert taken() == Exposure()
