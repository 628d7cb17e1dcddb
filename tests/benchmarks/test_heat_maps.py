"""Which half a map lies on, and which photos are set side by side, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from benchmarks.heat_maps import SIDE, left_share, pairs, side_by_side
from search.captions import CaptionedFolder


def test_of_a_middle_column_half_is_left() -> None:
    assert left_share(np.array([[0.1, 0.2, 0.3], [0.0, 0.4, 0.0]], np.float32)) == pytest.approx(0.4)
    assert left_share(np.array([[0.1, 0.9]], np.float32)) == pytest.approx(0.1)


def test_both_photos_are_seen_whole() -> None:
    picture = side_by_side(Image.new("RGB", (30, 40), "red"), Image.new("RGB", (9, 9), "blue"))
    assert picture.size == (SIDE, SIDE)
    assert [picture.getpixel((x, SIDE - 1)) for x in (0, SIDE // 2 - 1, SIDE // 2, SIDE - 1)] == [
        (255, 0, 0), (255, 0, 0), (0, 0, 255), (0, 0, 255),
    ]  # fmt: skip


def test_the_other_photo_has_nothing_of_what_the_caption_says() -> None:
    captions = ("a dog on grass", "the dogs run", "a red bus")
    folder = CaptionedFolder(("0", "1", "2"), captions, np.array([0, 1, 2]))
    found = dict(pairs(folder, 3, np.random.default_rng(0)))
    assert (found[0], found[1]) == (2, 2)
    assert found[2] in (0, 1)
