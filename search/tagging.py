"""Words for a photo, as the masked-LM fills the blank of "a photo of a ...": docs/decisions/0013."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from search.encoder import States

TEMPLATES = ("a photo of a <mask>", "a photo of <mask>")
SHORTEST = 3  # letters
LEAST = 0.04
"""Probability that a word needs where nothing was measured for the checkpoint: what did well for mini."""


class TaggingEncoder(Protocol):
    """An encoder that fills blanks, as `BridgeTower` does."""

    fingerprint: str
    tag_probability: float | None

    @property
    def words(self) -> tuple[str, ...]:
        """The whole words that it can put into a blank."""

    def photo_states(self, pixels: NDArray[np.float32] | NDArray[np.uint8]) -> States:
        """The photos' part of fusion; `pixels` as for `Tagger.tags`."""

    def word_log_probabilities(self, photos: States, caption: str) -> NDArray[np.float32]:
        """Log-probability of each word for the `<mask>` in a caption of each photo: float32 (n, words)."""


class Tagger:
    """Finds words for photos with one encoder; `model` is its fingerprint."""

    def __init__(self, encoder: TaggingEncoder, least: float | None = None) -> None:
        """`least` is the probability a word needs; by default the checkpoint's own, else `LEAST`."""
        measured = LEAST if encoder.tag_probability is None else encoder.tag_probability
        self._encoder, self._least = encoder, measured if least is None else least
        self.model = encoder.fingerprint

    def tags(self, pixels: NDArray[np.float32] | NDArray[np.uint8]) -> list[dict[str, float]]:
        """The words for each photo with their probabilities, best first, none twice by its stem.

        A probability is the masked-LM's, 0 to 1, its mean over the templates. `pixels` are the photos',
        float32 (n, 3, side, side), or their crops, uint8 (n, side, side, 3).

        Raises:
            model.errors.HeadMissing: the checkpoint has no masked-LM head.
        """
        photos = self._encoder.photo_states(pixels)
        filled = [self._encoder.word_log_probabilities(photos, template) for template in TEMPLATES]
        chances = np.exp(np.stack(filled)).mean(axis=0)
        found = []
        for row in chances:
            likely = [place for place in np.flatnonzero(row >= self._least) if place in self._allowed]
            found.append(one_a_stem({self._encoder.words[place]: float(row[place]) for place in likely}))
        return found

    @cached_property
    def _allowed(self) -> frozenset[int]:
        """Places among the encoder's words of those that say something: no stop words, none very short."""
        from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

        return frozenset(
            place
            for place, word in enumerate(self._encoder.words)
            if len(word) >= SHORTEST and word not in ENGLISH_STOP_WORDS
        )


def one_a_stem(words: Mapping[str, float]) -> dict[str, float]:
    """Words with scores, best first; of those with one stem, as "dog" and "dogs", the best alone."""
    import snowballstemmer

    stem = snowballstemmer.stemmer("english").stemWord
    kept: dict[str, tuple[str, float]] = {}
    for word, score in sorted(words.items(), key=lambda each: (-each[1], each[0])):
        kept.setdefault(stem(word), (word, score))
    return dict(kept.values())
