from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from indexer.upright import to_upright_rgb, upright_size


def rgb(image: Image.Image) -> list[list[tuple[int, ...]]]:
    """The upright photo's pixels, row by row."""
    photo = to_upright_rgb(image, 1)
    assert photo.mode == "RGB"
    return [[tuple(pixel) for pixel in row] for row in np.asarray(photo).tolist()]


@pytest.mark.parametrize(
    ("orientation", "rows"),
    [
        (1, ["abc", "def"]),
        (2, ["cba", "fed"]),
        (3, ["fed", "cba"]),
        (4, ["def", "abc"]),
        (5, ["ad", "be", "cf"]),
        (6, ["da", "eb", "fc"]),
        (7, ["fc", "eb", "da"]),
        (8, ["cf", "be", "ad"]),
    ],
)
def test_every_orientation_of_abc_def(orientation: int, rows: list[str]) -> None:
    stored = Image.fromarray(np.frombuffer(b"abcdef", np.uint8).reshape(2, 3))
    photo = to_upright_rgb(stored, orientation)
    assert [bytes(row.tolist()).decode() for row in np.asarray(photo)[:, :, 0]] == rows
    assert upright_size(stored, orientation) == photo.size


def test_transparency_is_laid_on_white() -> None:
    image = Image.new("RGBA", (2, 1))
    image.putpixel((0, 0), (255, 0, 0, 0))
    image.putpixel((1, 0), (255, 0, 0, 255))
    assert rgb(image) == [[(255, 255, 255), (255, 0, 0)]]


def test_grey_with_alpha() -> None:
    image = Image.new("LA", (2, 1))
    image.putpixel((0, 0), (0, 0))
    image.putpixel((1, 0), (0, 255))
    assert rgb(image) == [[(255, 255, 255), (0, 0, 0)]]


def test_a_palette_with_a_transparent_colour() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.putpixel((1, 0), 1)
    image.info["transparency"] = 0
    assert rgb(image) == [[(255, 255, 255), (0, 0, 255)]]


def test_black_and_white() -> None:
    image = Image.new("1", (2, 1))
    image.putpixel((1, 0), 1)
    assert rgb(image) == [[(0, 0, 0), (255, 255, 255)]]


def test_cmyk() -> None:
    assert rgb(Image.new("CMYK", (1, 1), (0, 255, 255, 0))) == [[(255, 0, 0)]]


def test_grey_of_16_bits_keeps_its_upper_8() -> None:
    image = Image.fromarray(np.array([[0, 0x80FF, 0xFFFF]], dtype=np.uint16))
    assert image.mode == "I;16"
    assert rgb(image) == [[(0,) * 3, (128,) * 3, (255,) * 3]]


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_grey_of_32_bits_is_stretched(dtype: type[np.generic]) -> None:
    image = Image.fromarray(np.array([[-100, 0, 100]], dtype=dtype))
    assert rgb(image) == [[(0,) * 3, (128,) * 3, (255,) * 3]]


def test_grey_without_contrast_and_with_infinities() -> None:
    assert rgb(Image.new("F", (1, 1), 7.0)) == [[(0, 0, 0)]]
    assert rgb(Image.fromarray(np.array([[np.nan, np.inf, 1]], dtype=np.float32))) == [
        [(0,) * 3, (0,) * 3, (255,) * 3]
    ]
