"""Which photos show a thing, and which pairs can be asked, by hand."""

from __future__ import annotations

import numpy as np

from benchmarks.negation import BOTH, ONLY, pairs_of, phrase, shown
from search.captions import CaptionedFolder


def test_a_photo_shows_what_one_of_its_captions_mentions_in_any_form() -> None:
    folder = CaptionedFolder(
        ("a", "b", "c"),
        ("Two dogs run", "A run", "A cat", "The dog", "Grass"),
        np.array([0, 0, 1, 2, 2]),
    )
    found = shown(folder, ("dog", "grass"))
    assert found["dog"].tolist() == [True, False, True]
    assert found["grass"].tolist() == [False, False, True]


def test_pairs_need_photos_of_both_kinds() -> None:
    nothing = np.zeros(BOTH + ONLY, np.bool_)
    shows = dict.fromkeys(
        "dog boy girl man woman child people".split()
        + "snow beach water grass ball street bike pool rock tree mountain skateboard sand frisbee".split(),
        nothing,
    )
    shows["dog"] = ~nothing
    shows["snow"] = np.arange(BOTH + ONLY) < BOTH
    shows["grass"] = np.arange(BOTH + ONLY) < BOTH - 1  # too few show both
    shows["water"] = np.arange(BOTH + ONLY) < BOTH + 1  # too few show the dog alone
    assert pairs_of(shows) == [("dog", "snow")]


def test_things_as_captions() -> None:
    assert (phrase("dog"), phrase("people")) == ("a dog", "people")
