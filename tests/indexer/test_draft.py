from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from indexer.decode import decode
from model.preprocess import Preprocessor

SHORTEST_64 = Preprocessor(64, crop=64)


def stripes(width: int, height: int) -> Image.Image:
    """Left half red, right half blue."""
    photo = Image.new("RGB", (width, height), "red")
    photo.paste("blue", (width // 2, 0, width, height))
    return photo


# A square is resized to 64 x 64, so at least 128 x 128 are decoded.
@pytest.mark.parametrize(
    ("side", "decoded"),
    [
        (1024, 128),  # an eighth is just enough
        (1016, 254),  # an eighth would be 127
        (512, 128),
        (256, 128),
        (254, 254),  # a half would be 127
        (48, 48),
    ],
)
def test_a_jpeg_is_decoded_at_the_smallest_size_that_leaves_twice_what_is_needed(
    tmp_path: Path, side: int, decoded: int
) -> None:
    path = tmp_path / "photo.jpg"
    stripes(side, side).save(path)
    found = decode(path, SHORTEST_64.resized)
    assert found.photo.size == (decoded, decoded)
    assert (found.facts.width, found.facts.height) == (side, side)
    assert decode(path).photo.size == (side, side)


def test_a_turned_photo_is_measured_as_it_is_seen(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    path = tmp_path / "photo.jpg"
    stripes(2048, 1024).save(path, exif=exif)
    found = decode(path, SHORTEST_64.resized)
    assert found.photo.size == (128, 256)
    assert (found.facts.width, found.facts.height) == (1024, 2048)
    # Turned clockwise, what was left is above.
    assert found.photo.getpixel((64, 20)) == pytest.approx((254, 0, 0), abs=2)
    assert found.photo.getpixel((64, 230)) == pytest.approx((0, 0, 254), abs=2)


def test_other_formats_are_decoded_in_full(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    stripes(2048, 1024).save(path)
    assert decode(path, SHORTEST_64.resized).photo.size == (2048, 1024)


def test_a_small_photo_has_the_crop_that_the_whole_photo_has(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (255, 400, 3), dtype=np.uint8)
    path = tmp_path / "photo.jpg"
    Image.fromarray(noise).save(path)
    crop = SHORTEST_64.crop_of(decode(path, SHORTEST_64.resized).photo)
    np.testing.assert_array_equal(crop, SHORTEST_64.crop_of(decode(path).photo))


def test_a_cut_jpeg_is_refused_at_every_size(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    noise = np.random.default_rng(0).integers(0, 256, (1024, 2048, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:-100_000])
    for resized in (None, SHORTEST_64.resized):
        with pytest.raises(Exception, match="truncated: the picture goes on"):
            decode(path, resized)
