"""Which photos share no word with a caption, by hand."""

from __future__ import annotations

import numpy as np

from search.absence import content_words, nothing_in_common

CAPTIONS = ["A dog runs.", "The dogs are in snow", "Two children, running", "a red boat", "It is there"]


def test_words_are_stems_without_grammar() -> None:
    words = content_words(CAPTIONS)
    assert words[0] == {"dog", "run"}
    assert words[1] == {"dog", "snow"}
    assert words[2] == {"children", "run"}
    assert words[4] == frozenset()


def test_a_photo_is_apart_if_none_of_its_captions_shares_a_word() -> None:
    owner = np.array([0, 1, 1, 2, 3])  # photo 1 has the second caption and the third
    apart = nothing_in_common(np.array([0, 3]), content_words(CAPTIONS), owner, photos=4)
    assert apart.tolist() == [
        [False, False, True, True],  # "dog", "run": its own photo, and photo 1 by both captions
        [True, True, False, True],  # the boat is in no other
    ]


def test_a_caption_without_words_is_apart_from_all_but_its_own_photo() -> None:
    apart = nothing_in_common(np.array([4]), content_words(CAPTIONS), np.array([0, 1, 1, 2, 3]), photos=4)
    assert apart.tolist() == [[True, True, True, False]]
