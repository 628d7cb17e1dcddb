"""The shortlist in a better order: the cross-modal model judges each photo together with the caption."""

from __future__ import annotations

import math
from collections.abc import Sequence


def rerank_order(
    similarities: Sequence[float], odds: Sequence[float | None], similarity_weight: float
) -> list[int]:
    """Places of the shortlist, best first, by log-odds plus `similarity_weight` times cosine similarity.

    The similarities are what `search.second_look` says an order counts with. A photo without log-odds keeps
    its place, as in `order_of`.
    """
    return order_of(
        [
            None if value is None else value + similarity_weight * similarity
            for similarity, value in zip(similarities, odds, strict=True)
        ]
    )


def order_of(scores: Sequence[float | None]) -> list[int]:
    """Places of the shortlist, best score first.

    A photo without a score keeps the place that its similarity gave it; the others fill the places between.
    Equal scores keep the shortlist's order.
    """
    judged = [(-score, place) for place, score in enumerate(scores) if score is not None]
    ranked = iter(sorted(judged))
    return [place if score is None else next(ranked)[1] for place, score in enumerate(scores)]


def probability(log_odds: float | None) -> float | None:
    """Log-odds to a probability from 0 to 1."""
    if log_odds is None:
        return None
    return 1 / (1 + math.exp(-max(-80.0, min(80.0, log_odds))))
