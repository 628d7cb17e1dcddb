"""The shortlist in a better order: the cross-modal model judges each photo together with the caption."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from search.calibration import Calibration


def rerank_order(
    similarities: Sequence[float], odds: Sequence[float | None], similarity_weight: float
) -> list[int]:
    """Places of the shortlist, best first, by log-odds plus `similarity_weight` times cosine similarity.

    A photo without log-odds keeps the place that its similarity gave it; the others fill the places
    between. Equal scores keep the shortlist's order.
    """
    judged = [place for place, value in enumerate(odds) if value is not None]

    def score(place: int) -> float:
        return float(odds[place] or 0.0) + similarity_weight * similarities[place]

    ranked = iter(sorted(judged, key=lambda place: -score(place)))
    return [place if odds[place] is None else next(ranked) for place in range(len(odds))]


def probability(log_odds: float | None) -> float | None:
    """Log-odds to a probability from 0 to 1."""
    if log_odds is None:
        return None
    return 1 / (1 + math.exp(-max(-80.0, min(80.0, log_odds))))


def probabilities(
    similarities: Sequence[float], odds: Sequence[float | None], calibration: Calibration | None
) -> list[float | None]:
    """The probability of each photo, None where it was not judged; without a calibration ITM's own.

    What was not judged is no part of the shortlist.
    """
    judged = [place for place, value in enumerate(odds) if value is not None]
    if calibration is None or not judged:
        return [probability(value) for value in odds]
    near = np.array([similarities[place] for place in judged], np.float32)
    known = np.array([odds[place] for place in judged], np.float32)
    chances: list[float | None] = [None] * len(odds)
    for place, chance in zip(judged, calibration.probabilities(near, known), strict=True):
        chances[place] = float(chance)
    return chances
