"""Which words count as nouns, and how one of them is hidden, by hand."""

from __future__ import annotations

import numpy as np

from benchmarks.masked_nouns import hide, nouns_of, words_of

CAPTIONS = ("A small dog runs on the grass.",) * 20 + ("The dog is here.",) * 20 + ("A cat",) * 19


def test_words_are_small_and_a_full_stop_is_one() -> None:
    assert words_of("A dog, running.") == ["a", "dog", ",", "running", "."]


def test_nouns_follow_articles_and_come_before_prepositions_verbs_or_the_end() -> None:
    # "dog" does both in half of its places; "small" comes before none of them, "runs" and "here" follow none,
    # and "cat" is too rare.
    assert nouns_of(CAPTIONS) == {"dog", "grass"}


def test_a_noun_becomes_a_blank() -> None:
    hidden = hide("The dog sleeps.", {"dog"}, np.random.default_rng(0))
    assert hidden == ("dog", "the <mask> sleeps .")
    assert hide("It sleeps.", {"dog"}, np.random.default_rng(0)) is None
