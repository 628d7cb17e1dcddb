"""What a query has to be before anything is loaded for it."""

from __future__ import annotations

import math

import pytest

from search.errors import EmptyCaption, SearchError
from search.query import Query, Weighted, check


def test_a_caption_of_spaces_is_none() -> None:
    with pytest.raises(EmptyCaption, match="the caption is empty"):
        check(Query("  "))


@pytest.mark.parametrize(
    "query", [Query("a dog", also=(Weighted(" "),)), Query("a dog", unwanted=("snow", ""))]
)
def test_one_of_several_captions_is_empty(query: Query) -> None:
    with pytest.raises(EmptyCaption, match="one of the captions is empty"):
        check(query)


def test_what_is_not_wanted_alone_is_nothing_to_look_for() -> None:
    with pytest.raises(EmptyCaption, match="only what must not be seen; say what to look for"):
        check(Query(unwanted=("snow",)))


@pytest.mark.parametrize(
    ("query", "name"),
    [(Query("a dog", k=0), "number of results"), (Query("a dog", shortlist=0), "shortlist")],
)
def test_a_count_below_one_is_refused(query: Query, name: str) -> None:
    with pytest.raises(SearchError, match=f"the {name} is 0: expected 1 or more"):
        check(query)


def test_without_a_rerank_nothing_can_be_kept_out() -> None:
    with pytest.raises(SearchError, match="found by the re-rank, which is switched off"):
        check(Query("a dog", unwanted=("snow",), rerank=False))


@pytest.mark.parametrize("value", [0, -1, math.inf, math.nan])
def test_a_weight_or_budget_that_is_no_number_above_zero_is_refused(value: float) -> None:
    with pytest.raises(SearchError, match=r'the weight of "snow" is .*: expected a number above 0'):
        check(Query("a dog", also=(Weighted("snow", value),)))
    with pytest.raises(SearchError, match=r"the budget is .* seconds: expected a number above 0"):
        check(Query("a dog", budget=value))


@pytest.mark.parametrize(
    "query",
    [
        Query("a dog", k=1, shortlist=1),
        Query(like="/a.jpg"),
        Query(like="/a.jpg", unwanted=("snow",), budget=0.1),
        Query(also=(Weighted("a dog", 0.5),)),
    ],
)
def test_an_ordinary_query_passes(query: Query) -> None:
    check(query)


def test_what_is_wanted_is_the_caption_and_those_beside_it_without_spaces() -> None:
    query = Query(" a dog ", also=(Weighted(" snow ", 0.5),))
    assert query.wanted == (Weighted("a dog", 1.0), Weighted("snow", 0.5))
    assert Query("  ", like="/a.jpg").wanted == ()
