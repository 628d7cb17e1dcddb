"""A heat map over its photo, pixel by pixel."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ui.heat_map import LONGEST_SIDE, overlay

HOT = np.array([[0, 1], [0, 0]], np.float32)
Colour = tuple[int, int, int]


def colour(picture: Image.Image, x: int, y: int) -> Colour:
    found = picture.getpixel((x, y))
    assert isinstance(found, tuple)
    return (int(found[0]), int(found[1]), int(found[2]))


def test_the_hottest_place_is_yellow_and_a_cold_one_is_the_photo() -> None:
    picture = overlay(Image.new("RGB", (100, 100), "green"), HOT, (0, 0, 100, 100))
    red, green, blue = colour(picture, 95, 5)
    assert (red, blue) == (166, 0)  # 65 % of yellow's 255
    assert green == round(0.35 * 128 + 0.65 * 255)
    assert colour(picture, 5, 95) == (0, 128, 0)


def test_what_was_not_seen_is_dark_and_grey() -> None:
    picture = overlay(Image.new("RGB", (200, 100), "white"), HOT, (50, 0, 150, 100))
    assert picture.size == (200, 100)
    assert colour(picture, 20, 50) == colour(picture, 170, 50) == (89, 89, 89)  # 35 % of 255
    assert colour(picture, 55, 95) == (255, 255, 255)
    assert colour(picture, 145, 5)[2] < 128


def test_a_crop_that_was_padded_reaches_beyond_the_photo() -> None:
    picture = overlay(Image.new("RGB", (200, 50), "white"), HOT, (0, -75, 200, 125))
    assert picture.size == (200, 50)
    assert colour(picture, 5, 45) == (255, 255, 255)
    assert colour(picture, 195, 2)[2] < 255  # the edge of the hot quarter, which lies above


def test_a_large_photo_is_made_smaller_and_its_map_with_it() -> None:
    picture = overlay(Image.new("RGB", (3200, 1600), "white"), HOT, (800, 0, 2400, 1600))
    assert picture.size == (LONGEST_SIDE, 800)
    assert colour(picture, 399, 400) == (89, 89, 89)
    assert colour(picture, 401, 790) == (255, 255, 255)


def test_a_map_without_anything_hot_leaves_the_photo() -> None:
    picture = overlay(Image.new("RGB", (10, 10), "green"), np.zeros((2, 2), np.float32), (0, 0, 10, 10))
    assert picture.getcolors() == [(100, (0, 128, 0))]
