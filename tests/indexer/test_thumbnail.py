"""Thumbnails: upright as the photo in hand, its own shape, no metadata, and none where the file is better."""

import io
from pathlib import Path

import pytest
from PIL import Image

from indexer.decode import Decoded
from indexer.thumbnail import fitted, thumbnail, thumbnail_while_indexing
from storage.records import PhotoFacts


def opened(picture: bytes | None) -> Image.Image:
    assert picture is not None
    image = Image.open(io.BytesIO(picture))
    image.load()
    return image


def decoded(size: tuple[int, int], whole: tuple[int, int], file_bytes: int = 4_000_000) -> Decoded:
    return Decoded(Image.new("RGB", size, "red"), PhotoFacts("00", *whole, "JPEG"), file_bytes, 1)


def test_thumbnail_has_the_photos_shape_and_nothing_else_of_it(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    Image.new("RGB", (600, 1200), "red").save(tmp_path / "a.jpg", exif=exif, comment=b"by me")
    with Image.open(tmp_path / "a.jpg") as photo:
        photo.load()
        picture = opened(thumbnail(photo))
    assert (picture.format, picture.size) == ("JPEG", (320, 640))
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert picture.getpixel((160, 320)) == (254, 0, 0)  # red, as JPEG rounds it


def test_small_photo_is_not_enlarged() -> None:
    assert opened(thumbnail(Image.new("RGB", (40, 30)))).size == (40, 30)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1000, 750), (1000, 750)),  # 12 megapixels decoded at a quarter: below twice 640, so as it is
        ((1280, 960), (640, 480)),
        ((1950, 1300), (650, 434)),  # 1300 / 3, rounded up
    ],
)
def test_while_indexing_a_photo_is_made_smaller_by_whole_numbers(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert opened(thumbnail_while_indexing(decoded(size, (4000, 3000)))).size == expected


@pytest.mark.parametrize(
    ("size", "whole", "file_bytes", "made"),
    [
        ((450, 450), (3600, 3600), 4_000_000, True),
        ((447, 300), (3576, 2400), 4_000_000, False),  # decoded too small: the file gives a better one
        ((400, 300), (400, 300), 4_000_000, True),  # a small picture of a large file, as of a video
        ((640, 480), (640, 480), 200_000, False),  # the file is as quick to show
        ((640, 480), (640, 480), 200_001, True),
    ],
)
def test_where_the_file_is_better_none_is_made(
    size: tuple[int, int], whole: tuple[int, int], file_bytes: int, made: bool
) -> None:
    assert (thumbnail_while_indexing(decoded(size, whole, file_bytes)) is not None) == made


def test_a_line_of_pixels_stays_one() -> None:
    assert fitted(64_000, 10) == (640, 1)
