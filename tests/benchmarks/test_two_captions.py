"""Two captions a photo, and how often it comes first, by hand."""

from __future__ import annotations

import numpy as np

from benchmarks.two_captions import row, two_captions
from search.captions import CaptionedFolder


def test_the_first_two_captions_of_photos_that_have_two() -> None:
    folder = CaptionedFolder(("a", "b"), ("A dog .", "Snow", "A cat.", "Ice"), np.array([0, 1, 0, 0]))
    assert two_captions(folder) == {0: ("A dog", "A cat")}


def test_recall_is_how_often_a_photo_is_among_the_first() -> None:
    orders = [[3, 1, 2], [1, 2, 3], [9, 8, 7, 6, 5, 4]]
    assert row("x", orders, [3, 2, 4]) == {"search": "x", "R@1": "33.3", "R@5": "66.7", "R@10": "100.0"}
