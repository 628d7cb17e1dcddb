"""Several captions, what is not wanted, and a photo to resemble: one score a photo, and one probability.

Every caption has been judged with the photo by itself. Why the numbers are put together as they are, and how
that was measured, is in docs/decisions/0017.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.asked import Asked
from search.calibration import Calibration, features

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """What is known of a shortlist of s photos about the c captions of `Asked.to_judge`.

    Attributes:
        cosines: Of photo and caption, float32, (s, c), from -1 to 1.
        resemblance: Cosine with the photo to resemble, float32, (s,); None without one.
        log_odds: ITM's, float32, (s, c); NaN where the photo is not judged yet, or could not be read.
        judged: How many photos the model has gone through, from the first.
        meant: What the order counts with in place of the cosines with wanted captions, float32, (s, wanted),
            as `search.second_look` has it; None for those.
    """

    cosines: Floats
    resemblance: Floats | None
    log_odds: Floats
    judged: int
    meant: Floats | None = None

    @property
    def readable(self) -> NDArray[np.bool_]:
        """Photos that are judged, or may still be, bool, (s,)."""
        judged = np.arange(len(self.log_odds)) < self.judged
        return ~(judged & np.isnan(self.log_odds).any(axis=1))


def scores(asked: Asked, evidence: Evidence, similarity_weight: float) -> Doubles:
    """What a re-rank orders by, float64, (s,); NaN where a photo is not judged.

    A caption's score is log-odds plus `similarity_weight` times the cosine, or what stands for it, and
    several captions have their weighted mean. The log-odds of what is not wanted are taken off, of several
    the largest. Likeness to a photo is no log-odds, so beside captions both count in standard deviations.
    """
    odds = evidence.log_odds.astype(np.float64)
    judged = ~np.isnan(odds).any(axis=1)
    wanted, unwanted = np.split(odds[judged], [len(asked.captions)], axis=1)
    near = evidence.cosines[:, : len(asked.captions)] if evidence.meant is None else evidence.meant
    near = near[judged].astype(np.float64)
    by_captions: Doubles = (wanted + similarity_weight * near) @ asked.shares
    if asked.unwanted:
        by_captions -= unwanted.max(axis=1)
    score = np.full(len(odds), np.nan)
    if evidence.resemblance is None:
        score[judged] = by_captions
    else:
        score[judged] = _standard(by_captions) + _standard(evidence.resemblance[judged].astype(np.float64))
    return score


def _standard(values: Doubles) -> Doubles:
    """The values less their mean, in standard deviations; zeros where all are equal."""
    apart = values - values.mean() if len(values) else values
    deviation = apart.std() if len(values) else 0.0
    return apart / deviation if deviation > 0 else apart


def chances(asked: Asked, evidence: Evidence, calibration: Calibration | None) -> Doubles:
    """The probability that a photo is what the captions mean, float64, (s,); NaN where it is not judged.

    Without a calibration it is ITM's own. Several captions have the weighted mean of their log-odds, which is
    less than what the likeliest of them has and more than the least likely.
    """
    each = np.full((len(evidence.log_odds), len(asked.captions)), np.nan)
    rows = evidence.readable
    for column in range(len(asked.captions) if rows.any() else 0):
        odds = evidence.log_odds[rows, column]
        if calibration is not None:
            odds = calibration.log_odds(features(evidence.cosines[rows, column], odds))
        each[rows, column] = odds
    if not asked.captions:
        return np.full(len(each), np.nan)
    return sigmoid(each @ asked.shares)


def sigmoid(log_odds: Doubles) -> Doubles:
    """Log-odds to probabilities from 0 to 1, of any shape."""
    chance: Doubles = 1 / (1 + np.exp(-np.clip(log_odds, -80, 80)))
    return chance
