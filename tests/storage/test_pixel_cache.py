"""Crops come out of the cache bit for bit, or not at all."""

from pathlib import Path

import numpy as np

from storage.photo_cache import PhotoCache
from storage.pixel_cache import PixelCache

CROP = np.arange(27, dtype=np.uint8).reshape(3, 3, 3)


def test_a_crop_comes_back_bit_for_bit_for_its_model(tmp_path: Path) -> None:
    pixels = PixelCache(PhotoCache(tmp_path / "pixels.sqlite"))
    pixels.put("a", "mini", CROP)
    pixels.fill({"b": CROP[::-1, ::-1]}, "mini")
    found = pixels.get("a", "mini")
    assert found is not None
    assert (found.dtype, found.shape, found.flags.writeable) == (CROP.dtype, (3, 3, 3), True)
    np.testing.assert_array_equal(found, CROP)
    np.testing.assert_array_equal(pixels.get("b", "mini"), CROP[::-1, ::-1])
    assert pixels.get("a", "large") is None


def test_bytes_that_are_no_crop_are_none(tmp_path: Path) -> None:
    cache = PhotoCache(tmp_path / "pixels.sqlite")
    for name, content in (("short", bytes(26)), ("empty", b""), ("oblong", bytes(3 * 2 * 3))):
        cache.put(name, content, "mini")
        assert PixelCache(cache).get(name, "mini") is None
