"""Ranks and their summary, of small score tables that can be read off by eye."""

import numpy as np
import pytest

from search.evaluate import intervals, ranks, recall, reranked, summary

SCORES = np.array([[0.9, 0.1, 0.5], [0.3, 0.2, 0.4], [0.5, 0.5, 0.5]], np.float32)


def test_rank_counts_the_photos_before_ones_own() -> None:
    assert ranks(SCORES, np.array([0, 0, 1])).tolist() == [0, 1, 2], "three equal scores put it last"


def test_recall_is_the_share_found_by_each_cutoff_in_percent() -> None:
    assert recall(np.array([0, 4, 9, 10])) == {"recall@1": 25.0, "recall@5": 50.0, "recall@10": 75.0}


def test_summary_counts_the_median_from_one() -> None:
    found = summary(np.array([0, 1, 3, 7]))
    assert found["mrr"] == (1 + 1 / 2 + 1 / 4 + 1 / 8) / 4
    assert found["median_rank"] == 3.0  # halfway between ranks 2 and 4
    assert found["recall@5"] == 75.0


def test_intervals_are_those_of_resampled_captions() -> None:
    found = np.random.default_rng(1).geometric(0.2, 400) - 1
    rng = np.random.default_rng(2)
    drawn = [summary(found[rng.integers(400, size=400)]) for _ in range(1000)]
    for name, (low, high) in intervals(found).items():
        assert low <= summary(found)[name] <= high
        expected = np.percentile([each[name] for each in drawn], (2.5, 97.5))
        assert (low, high) == pytest.approx(tuple(expected), abs=1.0 if name != "mrr" else 0.01)


def test_intervals_are_the_same_each_time_and_a_point_where_nothing_varies() -> None:
    found = np.array([0, 2, 9, 30])
    assert intervals(found) == intervals(found)
    assert intervals(np.zeros(5, np.int64)) == {
        "recall@1": (100.0, 100.0), "recall@5": (100.0, 100.0), "recall@10": (100.0, 100.0),
        "mrr": (1.0, 1.0), "median_rank": (1.0, 1.0),
    }  # fmt: skip


def test_the_median_of_an_even_number_lies_between_two_ranks() -> None:
    # Of two captions at ranks 1 and 4, resamples have medians 1, 2.5 and 4, the outer ones a quarter each.
    assert intervals(np.array([0, 3]))["median_rank"] == (1.0, 4.0)


def test_rerank_reorders_the_shortlist_and_keeps_the_rest_behind_it() -> None:
    after = reranked(SCORES[:1], np.array([[2, 0]]), np.array([[-3.0, -7.0]], np.float32))
    assert np.argsort(-after[0]).tolist() == [2, 0, 1]
    assert after[0, 1] == np.float32(0.1)
