from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from indexer.decode import content_hash, decode, inspect

WITH_EXIF = ("jpg", "png", "webp", "tif", "heic", "avif")
FORMATS = {
    "jpg": "JPEG", "jpeg": "JPEG", "jpe": "JPEG", "png": "PNG", "webp": "WEBP", "tif": "TIFF", "tiff": "TIFF",
    "bmp": "BMP", "gif": "GIF", "heic": "HEIF", "heif": "HEIF", "avif": "AVIF",
}  # fmt: skip
COLOURS = {"r": (255, 0, 0), "g": (0, 128, 0), "b": (0, 0, 255), "w": (255, 255, 255)}


def corners(photo: Image.Image) -> str:
    """The colours of the four quarters, as letters: top left, top right, bottom left, bottom right."""
    width, height = photo.size
    letters = ""
    for y in (height // 4, 3 * height // 4):
        for x in (width // 4, 3 * width // 4):
            pixel = photo.getpixel((x, y))
            assert isinstance(pixel, tuple)
            letters += min(
                COLOURS, key=lambda name: sum(abs(a - b) for a, b in zip(COLOURS[name], pixel, strict=True))
            )
    return letters


def quarters(width: int = 96, height: int = 64) -> Image.Image:
    """Red and green over blue and white."""
    image = Image.new("RGB", (width, height))
    for place, letter in enumerate("rgbw"):
        left, top = place % 2 * width // 2, place // 2 * height // 2
        image.paste(COLOURS[letter], (left, top, left + width // 2, top + height // 2))
    return image


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"photo.{suffix}"
    quarters().save(path)
    decoded = decode(path)
    assert decoded.photo.mode == "RGB"
    assert corners(decoded.photo) == "rgbw"
    assert (decoded.facts.width, decoded.facts.height, decoded.facts.format) == (96, 64, FORMATS[suffix])
    assert (decoded.size, decoded.mtime_ns) == (path.stat().st_size, path.stat().st_mtime_ns)
    assert inspect(path).facts == replace(decoded.facts, phash=None)


@pytest.mark.parametrize(
    ("orientation", "seen"),
    [(1, "rgbw"), (2, "grwb"), (3, "wbgr"), (4, "bwrg"), (5, "rbgw"), (6, "brwg"), (7, "wgbr"), (8, "gwrb")],
)
@pytest.mark.parametrize("suffix", WITH_EXIF)
def test_every_orientation_in_every_format_that_has_one(
    tmp_path: Path, suffix: str, orientation: int, seen: str
) -> None:
    path = tmp_path / f"photo.{suffix}"
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    quarters().save(path, exif=exif.tobytes())
    decoded = decode(path)
    assert corners(decoded.photo) == seen
    assert decoded.photo.size == ((96, 64) if orientation < 5 else (64, 96))
    assert (decoded.facts.width, decoded.facts.height) == decoded.photo.size
    assert inspect(path).facts == replace(decoded.facts, phash=None)


@pytest.mark.parametrize("suffix", WITH_EXIF)
def test_date_camera_and_place_in_every_format_that_has_them(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"photo.{suffix}"
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Apple"
    exif[ExifTags.Base.Model] = "iPhone 12"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2021:05:03 10:20:30"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "S", 2: (33.0, 30.0, 0.0), 3: "E", 4: (151.0, 15.0, 0.0)})
    quarters().save(path, exif=exif.tobytes())
    facts = decode(path).facts
    assert (facts.taken_at, facts.camera) == (datetime(2021, 5, 3, 10, 20, 30), "Apple iPhone 12")
    assert (facts.latitude, facts.longitude) == (-33.5, 151.25)
    assert inspect(path).facts == replace(facts, phash=None)


def test_the_hash_is_blake2b_of_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    quarters().save(path)
    expected = hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
    assert (
        content_hash(path) == decode(path).facts.content_hash == inspect(path).facts.content_hash == expected
    )
    assert len(expected) == 32


def test_a_wrong_suffix_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    quarters().save(path, format="PNG")
    assert decode(path).facts.format == "PNG"


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1)])
def test_extreme_shapes(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "photo.png"
    Image.new("RGB", size, "red").save(path)
    assert decode(path).photo.size == size


def test_cmyk_jpeg(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(path)
    assert corners(decode(path).photo) == "rrrr"


def test_16_bit_png(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    Image.fromarray(np.full((2, 2), 0x80FF, dtype=np.uint16)).save(path)
    assert decode(path).photo.getpixel((0, 0)) == (128, 128, 128)


def test_palette_png_with_transparency_kept_as_bytes(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.putpixel((1, 0), 1)
    image.save(path, transparency=bytes([0, 255]))
    photo = decode(path).photo
    assert [photo.getpixel((x, 0)) for x in (0, 1)] == [(255, 255, 255), (0, 0, 255)]


@pytest.mark.parametrize("suffix", ["gif", "webp", "png", "tif"])
def test_the_first_of_several_frames(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"photo.{suffix}"
    later = Image.new("RGB", (32, 32), "blue")
    Image.new("RGB", (32, 32), "red").save(path, save_all=True, append_images=[later])
    assert corners(decode(path).photo) == "rrrr"


def test_a_jpeg_with_further_pictures_behind_it_is_a_jpeg(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    quarters().save(path, format="MPO", save_all=True, append_images=[Image.new("RGB", (8, 8))])
    assert corners(decode(path).photo) == "rgbw"
    assert decode(path).facts.format == "JPEG"


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_broken_exif_costs_no_photo(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    quarters().save(path, exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    decoded = decode(path)
    assert corners(decoded.photo) == "rgbw"
    assert (decoded.facts.taken_at, decoded.facts.camera, decoded.facts.latitude) == (None, None, None)


def test_a_photo_outlives_its_file(save: Callable[..., Path]) -> None:
    path = save("photo.png", "blue")
    photo = decode(path).photo
    path.unlink()
    assert corners(photo) == "bbbb"
