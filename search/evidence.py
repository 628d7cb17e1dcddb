"""Why a photo matches a caption: what each word of the caption adds to the match."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from search.encoder import States, StatesEncoder
from search.errors import EmptyCaption, SearchError
from search.rerank import probability

# "dog's" and "T-shirt" are one word each; the second apostrophe is the typographic one.
WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")


class EvidenceEncoder(StatesEncoder, Protocol):
    """An encoder that can match one photo with several captions in one go."""

    def caption_states(self, caption: str | Sequence[str]) -> States:
        """One caption's part of fusion, or that of several, padded to the longest."""

    def match_states(self, photos: States, captions: States) -> NDArray[np.float32]:
        """ITM log-odds of photo i with caption i, one photo with all captions, float32 (n,)."""


@dataclass(frozen=True)
class WordEvidence:
    """What one word of a caption adds.

    `start` and `end` are its place in the caption. `without` is the ITM probability, 0 to 1, of the caption
    without the word; `log_odds_change` is how much higher the ITM log-odds are with it, below 0 where the
    word speaks against the match.
    """

    word: str
    start: int
    end: int
    without: float
    log_odds_change: float


@dataclass(frozen=True)
class Evidence:
    """How well a caption fits a photo by ITM, as a probability and as log-odds, and what its words add.

    The words are in the order of the caption.
    """

    caption: str
    probability: float
    log_odds: float
    words: tuple[WordEvidence, ...]


def explain(encoder: EvidenceEncoder, photo: Image.Image, caption: str) -> Evidence:
    """What each word of a caption adds to its match with an upright RGB photo.

    The photo goes through its tower once, whatever the number of words. A caption of one word has nothing to
    be compared with when it is taken away, and gets no words.

    Raises:
        EmptyCaption, SearchError: as `explainable`.
        model.errors.HeadMissing: the checkpoint has no image-text-matching head.
    """
    caption = explainable(encoder, caption)
    places = [found.span() for found in WORD.finditer(caption)]
    if len(places) == 1:
        places = []
    captions = [caption, *(without(caption, *place) for place in places)]
    states = encoder.photo_states(encoder.preprocessor(photo)[None])
    whole, *others = encoder.match_states(states, encoder.caption_states(captions)).tolist()
    words = [
        WordEvidence(caption[start:end], start, end, probability(odds) or 0.0, whole - odds)
        for (start, end), odds in zip(places, others, strict=True)
    ]
    return Evidence(caption, probability(whole) or 0.0, whole, tuple(words))


def explainable(encoder: EvidenceEncoder, caption: str) -> str:
    """The caption as it is explained, without spaces around it.

    Raises:
        EmptyCaption: the caption has no word.
        SearchError: the caption is longer than the model reads.
    """
    caption = caption.strip()
    if WORD.search(caption) is None:
        raise EmptyCaption('the caption is empty: describe the photo in words, such as "two dogs on a beach"')
    if encoder.caption_is_truncated(caption):
        raise SearchError("the caption is longer than the model reads, so its last words count for nothing")
    return caption


def without(caption: str, start: int, end: int) -> str:
    """The caption without the word at this place, and without a second space where it stood."""
    return " ".join(f"{caption[:start]} {caption[end:]}".split())
