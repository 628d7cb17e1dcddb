"""Captions whose photo is not there: each with the part of a library in which nothing should match it.

A search must also be measured on what it should not find. For a caption of a captioned folder that is the
folder without the caption's own photo and without every photo one of whose captions shares a content word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

WORD = re.compile(r"[a-z]+")


def content_words(captions: Sequence[str]) -> list[frozenset[str]]:
    """The stems of each caption's words, without those that carry grammar alone; English.

    Snowball's stemmer makes "dogs" and "dog" one; the list of other words is scikit-learn's.
    """
    import snowballstemmer
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    stem = snowballstemmer.stemmer("english").stemWords
    return [
        frozenset(stem([word for word in WORD.findall(caption.lower()) if word not in ENGLISH_STOP_WORDS]))
        for caption in captions
    ]


def nothing_in_common(
    asked: NDArray[np.int64], words: Sequence[frozenset[str]], owner: NDArray[np.int64], photos: int
) -> NDArray[np.bool_]:
    """For each caption asked, which photos share no content word with it, bool (asked, photos).

    `asked` is int64 rows of `words`; `owner` is the photo of each caption, int64 (captions,). Never true at
    a caption's own photo.
    """
    said: dict[str, set[int]] = {}  # word to the photos described with it
    for stems, photo in zip(words, owner.tolist(), strict=True):
        for word in stems:
            said.setdefault(word, set()).add(photo)
    apart = np.ones((len(asked), photos), dtype=np.bool_)
    for row, caption in enumerate(asked.tolist()):
        sharing = set().union(*(said[word] for word in words[caption]), {int(owner[caption])})
        apart[row, list(sharing)] = False
    return apart
