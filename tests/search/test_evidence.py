"""What words add to a match, with an encoder that likes some words and dislikes others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from search.errors import EmptyCaption, SearchError
from search.evidence import explain, without

PHOTO = Image.new("RGB", (2, 2))
LIKED = {"red": 3.0, "dog": 2.0, "cat": -1.0}


class Likes:
    """Log-odds of a caption: the sum over its words; `photos` counts runs of the vision tower."""

    photos = 0

    def preprocessor(self, photo: Image.Image) -> NDArray[np.float32]:
        return np.zeros((3, 1, 1), np.float32)

    def photo_states(self, pixels: NDArray[np.float32]) -> int:
        self.photos += len(pixels)
        return len(pixels)

    def caption_states(self, caption: str | Sequence[str]) -> list[str]:
        return [caption] if isinstance(caption, str) else list(caption)

    def match_states(self, photos: int, captions: list[str]) -> NDArray[np.float32]:
        return np.array([sum(LIKED.get(word, 0) for word in each.split()) for each in captions], np.float32)

    def caption_is_truncated(self, caption: str) -> bool:
        return len(caption) > 40


def test_what_each_word_adds_in_the_order_of_the_caption() -> None:
    encoder: Any = Likes()
    evidence = explain(encoder, PHOTO, " a red dog, no cat ")
    assert (evidence.caption, evidence.log_odds) == ("a red dog, no cat", 2.0)  # "dog," is not "dog"
    assert evidence.probability == pytest.approx(0.880797)
    found = [(word.word, word.start, word.end, word.log_odds_change) for word in evidence.words]
    assert found == [
        ("a", 0, 1, 0),
        ("red", 2, 5, 3),
        ("dog", 6, 9, 0),
        ("no", 11, 13, 0),
        ("cat", 14, 17, -1),
    ]
    assert evidence.words[1].without == pytest.approx(0.2689414)  # -1
    assert encoder.photos == 1


def test_a_word_alone_is_compared_with_nothing() -> None:
    encoder: Any = Likes()
    evidence = explain(encoder, PHOTO, "red")
    assert (evidence.log_odds, evidence.words) == (3.0, ())


@pytest.mark.parametrize("caption", ["", "  ", "!?"])
def test_no_word_at_all(caption: str) -> None:
    encoder: Any = Likes()
    with pytest.raises(EmptyCaption, match="describe the photo in words"):
        explain(encoder, PHOTO, caption)


def test_a_caption_that_is_cut_off_cannot_be_explained() -> None:
    encoder: Any = Likes()
    with pytest.raises(SearchError, match="longer than the model reads"):
        explain(encoder, PHOTO, "red " * 20)


@pytest.mark.parametrize(
    ("caption", "word", "left"),
    [
        ("a red dog", (2, 5), "a dog"),
        ("red", (0, 3), ""),
        ("dog's T-shirt", (0, 5), "T-shirt"),
        ("a dog, asleep", (2, 5), "a , asleep"),
    ],
)
def test_a_caption_without_a_word(caption: str, word: tuple[int, int], left: str) -> None:
    assert without(caption, *word) == left
