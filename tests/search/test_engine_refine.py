"""A search that is watched: answers while photos are judged, until time or the watcher stops it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from search import engine, refining
from search.engine import Engine
from search.errors import EmptyCaption
from search.query import Match, Query, Weighted

MakeEncoder = Callable[..., Any]
ODDS = [4, -3, 9, 0, 12, -7, 5, 0, 2, -1, 11, 6, -9, 8, 1, 3]
"""Of photos 0 to 15, whose similarities are 15 to 0 sixteenths."""


def read(path: str) -> Image.Image:
    with Image.open(path) as photo:
        return photo.convert("RGB")


def rows(matches: tuple[Match, ...]) -> list[int]:
    return [int(Path(match.path).stem) for match in matches]


@pytest.fixture
def many(shelf: Any) -> Any:
    for row, odds in enumerate(ODDS):
        shelf.put(f"{row:02}.png", 15 - row, odds)
    return shelf


def test_the_first_answer_is_the_index_and_opens_no_photo(many: Any, make_encoder: MakeEncoder) -> None:
    encoder = make_encoder()
    first = next(Engine(many.library, encoder, read).refine(Query("a dog", k=16)))
    assert rows(first.matches) == list(range(16))
    assert {match.probability for match in first.matches} == {None}
    assert (first.judged, first.to_judge, encoder.judged) == (0, 16, [])


def test_each_answer_is_that_of_a_shorter_shortlist(many: Any, make_encoder: MakeEncoder) -> None:
    searches = Engine(many.library, make_encoder(), read)
    answers = list(searches.refine(Query("a dog", k=16)))
    assert [(answer.judged, answer.to_judge) for answer in answers] == [(0, 16), (4, 16), (12, 16), (16, 16)]
    assert rows(answers[1].matches) == [2, 0, 3, 1, *range(4, 16)]
    assert rows(answers[2].matches) == [4, 10, 2, 11, 6, 0, 8, 3, 7, 9, 1, 5, *range(12, 16)]
    for answer in answers[1:]:
        shorter = searches.search(Query("a dog", k=16, shortlist=answer.judged))
        assert answer.matches == shorter.matches


def test_the_last_answer_is_that_of_search(many: Any, make_encoder: MakeEncoder) -> None:
    searches = Engine(many.library, make_encoder(), read)
    assert list(searches.refine(Query("a dog")))[-1].matches == searches.search(Query("a dog")).matches


def test_who_stops_asking_stops_the_work(many: Any, make_encoder: MakeEncoder) -> None:
    encoder = make_encoder()
    answers = Engine(many.library, encoder, read).refine(Query("a dog"))
    next(answers), next(answers)
    answers.close()  # type: ignore[attr-defined]
    assert encoder.judged == [4]


def test_what_is_refused_is_refused_before_the_first_answer(many: Any, make_encoder: MakeEncoder) -> None:
    with pytest.raises(EmptyCaption):
        Engine(many.library, make_encoder(), read).refine(Query(" "))


def test_without_rerank_there_is_one_answer(many: Any, make_encoder: MakeEncoder) -> None:
    [only] = Engine(many.library, make_encoder(), read).refine(Query("a dog", rerank=False))
    assert (only.judged, only.to_judge) == (0, 0)


class Slow:
    """A clock on which a photo takes a second to judge, and nothing else takes any time."""

    def __init__(self, encoder: Any) -> None:
        self._encoder = encoder

    def perf_counter(self) -> float:
        return float(sum(self._encoder.judged))


@pytest.mark.parametrize(("budget", "judged"), [(0.5, 1), (4.0, 4), (7.5, 8), (1000.0, 16)])
def test_a_budget_ends_the_judging_whatever_k_is(
    many: Any, make_encoder: MakeEncoder, monkeypatch: pytest.MonkeyPatch, budget: float, judged: int
) -> None:
    found = {}
    for k in range(1, 17):
        encoder = make_encoder()
        for module in (engine, refining):
            monkeypatch.setattr(module, "time", Slow(encoder))
        found[k] = Engine(many.library, encoder, read).search(Query("a dog", k=k, budget=budget))
    assert {results.judged for results in found.values()} == {judged}
    whole = Engine(many.library, make_encoder(), read).search(Query("a dog", k=16, shortlist=judged))
    for k, results in found.items():
        assert results.matches == whole.matches[:k]


BY_SIZE = {
    "similarity": 0.0, "log_odds": 0.0, "above_mean": 0.0, "log_share": 0.0, "log_size": 1.0,
    "constant": 0.0, "threshold": 0.999,
}  # fmt: skip
"""A calibration by which a photo of a shortlist of n is right with n / (n + 1), and nothing ever matches."""


def test_a_probability_is_that_of_the_whole_shortlist_from_the_beginning(
    many: Any, make_encoder: MakeEncoder
) -> None:
    searches = Engine(many.library, make_encoder(calibration=BY_SIZE), read)
    answers = list(searches.refine(Query("a dog", k=16)))
    assert [answer.calibrated for answer in answers] == [False, True, True, True]
    for answer in answers:
        chances = [match.probability for match in answer.matches if match.probability is not None]
        assert chances == pytest.approx([16 / 17] * answer.judged)


def test_nothing_is_said_to_match_only_when_enough_is_judged(shelf: Any, make_encoder: MakeEncoder) -> None:
    for row in range(70):
        shelf.put(f"{row:02}.png", 8)
    searches = Engine(shelf.library, make_encoder(calibration=BY_SIZE), read)
    said = {answer.judged: answer.nothing_matches for answer in searches.refine(Query("a dog"))}
    assert said == {0: False, 4: False, 12: False, 28: False, 60: True, 70: True}
    said = {answer.judged: answer.nothing_matches for answer in searches.refine(Query("a dog", shortlist=5))}
    assert said == {0: False, 4: False, 5: True}  # all of it is enough


def test_sixteen_searches_at_once_are_sixteen_searches(many: Any, make_encoder: MakeEncoder) -> None:
    searches = Engine(many.library, make_encoder(), read)
    queries = [
        replace(query, k=k)
        for k in (3, 16)
        for query in (
            Query("a dog"),
            Query("a dog", shortlist=5),
            Query("a dog", unwanted=("snow",)),
            Query("a dog", also=(Weighted("snow"),)),
            Query(like=many.path("03.png")),
            Query("a dog", like=many.path("05.png")),
            Query("a dog", rerank=False),
            Query("snow", fold=False),
        )
    ]
    alone = [searches.search(query).matches for query in queries]
    with ThreadPoolExecutor(16) as threads:
        together = list(threads.map(lambda query: searches.search(query).matches, queries * 4))
    assert together == alone * 4
