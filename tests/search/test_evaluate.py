"""Ranks and recall of small score tables that can be read off by eye."""

import numpy as np

from search.evaluate import ranks, recall, reranked

SCORES = np.array([[0.9, 0.1, 0.5], [0.3, 0.2, 0.4], [0.5, 0.5, 0.5]], np.float32)


def test_rank_counts_the_photos_before_ones_own() -> None:
    assert ranks(SCORES, np.array([0, 0, 1])).tolist() == [0, 1, 2], "three equal scores put it last"


def test_recall_is_the_share_found_by_each_cutoff_in_percent() -> None:
    assert recall(np.array([0, 4, 9, 10])) == {"recall@1": 25.0, "recall@5": 50.0, "recall@10": 75.0}


def test_rerank_reorders_the_shortlist_and_keeps_the_rest_behind_it() -> None:
    after = reranked(SCORES[:1], np.array([[2, 0]]), np.array([[-3.0, -7.0]], np.float32))
    assert np.argsort(-after[0]).tolist() == [2, 0, 1]
    assert after[0, 1] == np.float32(0.1)
