"""Searches for more than one caption: what is and is not to be seen, a photo to resemble, versions of one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from search.engine import Engine
from search.errors import SearchError
from search.query import Match, Query, Results, Weighted

MakeEncoder = Callable[..., Any]


def read(path: str) -> Image.Image:
    with Image.open(path) as photo:
        return photo.convert("RGB")


def names(matches: tuple[Match, ...]) -> list[str]:
    return [Path(match.path).stem for match in matches]


@pytest.fixture
def dogs(shelf: Any) -> Any:
    """Similarity with a dog says run, sit, swim, far; the photos "sit" and "far" are snowy."""
    for name, level, odds, snow in (
        ("run", 12, 2, -3),
        ("sit", 10, 5, 4),
        ("swim", 8, 1, -5),
        ("far", 6, 3, 2),
    ):
        shelf.put(f"{name}.png", level, odds, snow=snow)
    return shelf


@pytest.fixture
def search(dogs: Any, make_encoder: MakeEncoder) -> Callable[..., Results]:
    def run(*query: Any, **fields: Any) -> Results:
        return Engine(dogs.library, make_encoder(), read).search(Query(*query, **fields))

    return run


def test_what_is_not_wanted_goes_down(search: Callable[..., Results]) -> None:
    assert names(search("a dog").matches) == ["sit", "far", "run", "swim"]
    # Without the snow's log-odds: run 5, sit 1, swim 6, far 1.
    assert names(search("a dog", unwanted=("snow",)).matches) == ["swim", "run", "sit", "far"]


def test_a_model_without_an_itm_head_cannot_keep_anything_out(dogs: Any, make_encoder: MakeEncoder) -> None:
    engine = Engine(dogs.library, make_encoder(can_match=False), read)
    with pytest.raises(SearchError, match="by-hand has no image-text-matching head"):
        engine.search(Query("a dog", unwanted=("snow",)))
    assert names(engine.search(Query("a dog", also=(Weighted("snow"),))).matches)[0] == "run"


def test_two_captions_count_by_their_weights(search: Callable[..., Results]) -> None:
    # The sums of both log-odds are run -1, sit 9, swim -4, far 5.
    assert names(search("a dog", also=(Weighted("snow"),)).matches) == ["sit", "far", "run", "swim"]
    # Of the dog's and a tenth of the snow's: run 1.7, sit 5.4, swim 0.5, far 3.2.
    assert names(search("a dog", also=(Weighted("snow", 0.1),)).matches) == ["sit", "far", "run", "swim"]


def test_every_caption_that_was_cut_is_reported(dogs: Any, make_encoder: MakeEncoder) -> None:
    engine = Engine(dogs.library, make_encoder(longest_caption=5), read)
    assert not engine.search(Query("a dog", unwanted=("snow",))).truncated_caption
    assert engine.search(Query("a dog", unwanted=("snowflakes",))).truncated_caption
    assert engine.search(Query("a dog", also=(Weighted("snowflakes"),))).truncated_caption


def test_like_a_photo_orders_by_likeness_and_judges_nothing(dogs: Any, make_encoder: MakeEncoder) -> None:
    encoder = make_encoder()
    dogs.put("same.png", 16)  # the first unit vector, so likeness to it is the level
    results = Engine(dogs.library, encoder, read).search(Query(like=dogs.path("same.png")))
    assert names(results.matches) == ["run", "sit", "swim", "far"]
    assert [match.similarity for match in results.matches] == [12 / 16, 10 / 16, 8 / 16, 6 / 16]
    assert (encoder.judged, results.judged, results.to_judge) == ([], 0, 0)
    assert {match.probability for match in results.matches} == {None}


def test_like_a_photo_leaves_its_copies_out(dogs: Any, make_encoder: MakeEncoder) -> None:
    dogs.put("copy of run.png", 12, 2, content="run.png", snow=-3)
    found = Engine(dogs.library, make_encoder(), read).search(Query(like=dogs.path("run.png")))
    assert sorted(names(found.matches)) == ["far", "sit", "swim"]


def test_like_a_photo_but_not_with_snow(dogs: Any, make_encoder: MakeEncoder) -> None:
    dogs.put("same.png", 16)
    engine = Engine(dogs.library, make_encoder(), read)
    results = engine.search(Query(like=dogs.path("same.png"), unwanted=("snow",)))
    # Likeness less log-odds in standard deviations: run 2.0, sit -0.8, swim 0.8, far -2.0.
    assert names(results.matches) == ["run", "swim", "sit", "far"]
    assert (results.judged, {match.probability for match in results.matches}) == (4, {None})


def test_a_photo_and_a_caption_both_count(dogs: Any, make_encoder: MakeEncoder) -> None:
    dogs.put("same.png", 16)
    engine = Engine(dogs.library, make_encoder(), read)
    results = engine.search(Query("a dog", like=dogs.path("same.png")))
    # Likeness has mean 9 and log-odds 2.75; in standard deviations of 5 ** 0.5 and 2.1875 ** 0.5 they add up
    # to run 0.83, sit 1.97, swim -1.63, far -1.17.
    assert names(results.matches) == ["sit", "run", "far", "swim"]
    assert results.matches[0].probability == pytest.approx(0.9933071)  # the caption's alone: the sigmoid of 5


def test_versions_of_a_photo_are_one_match(shelf: Any, make_encoder: MakeEncoder) -> None:
    for name, level, odds, phash in (("a", 12, 1, 5), ("b", 15, 3, 7), ("c", 14, 2, -1), ("d", 12, 0, 5)):
        shelf.put(f"{name}.png", level, odds, phash=phash)
    # 5 and 7 differ in one bit, -1 and 5 in 62; the cosine of a and d is 1, that of a and b 211/256.
    engine = Engine(shelf.library, make_encoder(), read)
    best, second = engine.search(Query("a dog", k=5)).matches
    assert (names((best, second)), names(best.folded), second.folded) == (["b", "c"], ["a", "d"], ())
    assert [each.rank for each in (best, second, *best.folded)] == [1, 2, 1, 1]
    assert engine.search(Query("a dog", k=1)).matches == (best,)
    assert names(engine.search(Query("a dog", fold=False)).matches) == ["b", "c", "a", "d"]


def test_only_what_a_filter_names_is_found(dogs: Any, make_encoder: MakeEncoder) -> None:
    wanted = [dogs.library.photo_at(dogs.path(f"{name}.png")).photo_id for name in ("swim", "far")]
    engine = Engine(dogs.library, make_encoder(), read)
    found = engine.search(Query("a dog", filter=lambda library: np.array(sorted(wanted), np.int64)))
    assert names(found.matches) == ["far", "swim"]
