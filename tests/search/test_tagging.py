"""Tags from an encoder whose masked-LM is a table of probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from search.tagging import Tagger, one_a_stem

WORDS = ("the", "dog", "dogs", "ox", "grass")
# Of two photos, for each template; what counts is the mean.
CHANCES = {
    "a photo of a <mask>": [[0.5, 0.2, 0.04, 0.2, 0.02], [0.5, 0, 0, 0, 0.1]],
    "a photo of <mask>": [[0.5, 0.1, 0.2, 0.2, 0.02], [0.5, 0, 0, 0, 0.3]],
}


class Table:
    """A `TaggingEncoder`; the states of photos are their rows in the table."""

    fingerprint = "f" * 16
    words = WORDS

    def __init__(self, tag_probability: float | None = None) -> None:
        self.tag_probability = tag_probability

    def photo_states(self, pixels: NDArray[Any]) -> NDArray[np.int64]:
        return pixels[:, 0, 0, 0].astype(np.int64)

    def word_log_probabilities(self, photos: NDArray[np.int64], caption: str) -> NDArray[np.float32]:
        with np.errstate(divide="ignore"):
            logs: NDArray[np.float32] = np.log(np.array(CHANCES[caption], np.float32))[photos]
        return logs


PHOTOS = np.arange(2, dtype=np.uint8)[:, None, None, None]


@pytest.mark.parametrize(
    ("own", "given", "expected"),
    [
        (None, None, [{"dog": 0.15}, {"grass": 0.2}]),
        (0.18, None, [{}, {"grass": 0.2}]),
        (0.18, 0.01, [{"dog": 0.15, "grass": 0.02}, {"grass": 0.2}]),
    ],
)
def test_likely_words_that_say_something(
    own: float | None, given: float | None, expected: list[dict[str, float]]
) -> None:
    """Neither "the", nor "ox" of two letters, nor both "dog" (0.15) and "dogs" (0.12)."""
    found = Tagger(Table(own), given).tags(PHOTOS)
    assert [list(words) for words in found] == [list(words) for words in expected]
    for words, right in zip(found, expected, strict=True):
        assert words == pytest.approx(right)


def test_one_word_a_stem() -> None:
    assert one_a_stem({"run": 0.1, "running": 0.3, "cat": 0.2}) == {"running": 0.3, "cat": 0.2}
