"""Which photos show a thing, and which pairs can be asked, by hand."""

from __future__ import annotations

import numpy as np

from benchmarks.negation import BOTH, ONLY, UNWANTED, WANTED, figures, pairs_of, shown
from search.captions import CaptionedFolder


def test_a_photo_shows_what_its_captions_mention_in_any_form() -> None:
    captions = ("Two dogs", "They run", "A cat", "The dog sits", "Grass")
    found = shown(
        CaptionedFolder(("a", "b", "c"), captions, np.array([0, 0, 1, 2, 2])), ("a dog running", "grass")
    )
    assert found["a dog running"].tolist() == [True, False, False]
    assert found["grass"].tolist() == [False, False, True]


def test_pairs_need_photos_of_both_kinds() -> None:
    # Of 20 photos that show two dogs at least 5 have to show the other thing too, and at least 15 not.
    two_dogs = np.ones(BOTH + ONLY, np.bool_)
    shows = {phrase: ~two_dogs for phrase in (*WANTED, *UNWANTED)} | {"two dogs": two_dogs}
    for count, thing in ((BOTH - 1, "grass"), (BOTH, "snow"), (BOTH + 1, "water")):
        shows[thing] = np.arange(BOTH + ONLY) < count
    assert pairs_of(shows) == [("two dogs", "snow")]


def test_shares_of_the_first_photos() -> None:
    shows = {"two dogs": np.array([True, True, False]), "snow": np.array([True, False, False])}
    row = figures("x", [[0, 1], [1, 2]], [("two dogs", "snow")] * 2, shows)
    assert row == {"search": "x", "unwanted, %": "25.0", "wanted, %": "75.0"}
