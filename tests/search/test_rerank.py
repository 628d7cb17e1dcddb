"""The order that a re-rank makes, with scores that can be added up by hand."""

from __future__ import annotations

import math

import pytest

from search.rerank import order_of, probability, rerank_order


@pytest.mark.parametrize(
    ("odds", "order"),
    [
        ([1.0, 2.0, 3.0], [2, 1, 0]),
        ([3.0, 2.0, 1.0], [0, 1, 2]),
        ([5.0, 5.0, 5.0], [0, 1, 2]),  # equals keep the shortlist's order
        ([1.0, None, 3.0], [2, 1, 0]),  # place 1 was not judged, and stays
        ([None, 1.0, 3.0], [0, 2, 1]),
        ([0.0, -1.0, None, 4.0], [3, 0, 2, 1]),
        ([None, None], [0, 1]),
        ([], []),
    ],
)
def test_log_odds_make_the_order(odds: list[float | None], order: list[int]) -> None:
    assert rerank_order([0.9, 0.8, 0.7, 0.6][: len(odds)], odds, 0.0) == order


def test_similarity_counts_by_its_weight() -> None:
    similarities, odds = [0.5, 0.25], [1.0, 2.0]
    assert rerank_order(similarities, odds, 0.0) == [1, 0]
    assert rerank_order(similarities, odds, 4.0) == [0, 1]  # 1 + 2 and 2 + 1: equal, so the shortlist's order
    assert rerank_order(similarities, odds, 3.9) == [1, 0]
    assert rerank_order(similarities, odds, 8.0) == [0, 1]  # 1 + 4 and 2 + 2


def test_probability_is_the_sigmoid_of_the_log_odds() -> None:
    assert probability(None) is None
    assert probability(0.0) == 0.5
    assert probability(math.log(3)) == pytest.approx(0.75)
    assert probability(-1e9) == pytest.approx(0.0, abs=1e-30)
    assert probability(1e9) == 1.0


def test_scores_alone_make_the_order_too() -> None:
    assert order_of([1.0, None, 3.0, 3.0]) == [2, 1, 3, 0]
