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
PENALTY = 1e6
"""More than any difference of scores: what shows something unwanted comes after all that does not."""


@dataclass(frozen=True)
class Evidence:
    """What is known of a shortlist of s photos about the c captions of `Asked.to_judge`.

    Attributes:
        cosines: Of photo and caption, float32, (s, c), from -1 to 1.
        resemblance: Cosine with the photo to resemble, float32, (s,); None without one.
        log_odds: ITM's, float32, (s, c); NaN where the photo is not judged yet, or could not be read.
        judged: How many photos the model has gone through, from the first.
    """

    cosines: Floats
    resemblance: Floats | None
    log_odds: Floats
    judged: int

    @property
    def readable(self) -> NDArray[np.bool_]:
        """Photos that are judged, or may still be, bool, (s,)."""
        judged = np.arange(len(self.log_odds)) < self.judged
        return ~(judged & np.isnan(self.log_odds).any(axis=1))


def scores(asked: Asked, evidence: Evidence, similarity_weight: float) -> Doubles:
    """What a re-rank orders by, float64, (s,); NaN where a photo is not judged.

    A caption's score is log-odds plus `similarity_weight` times cosine, and several captions have their
    weighted mean. Likeness to a photo is no log-odds, so both are standardised where there are both. Photos
    that show something unwanted come after those that show less of it.
    """
    each = evidence.log_odds.astype(np.float64) + similarity_weight * evidence.cosines.astype(np.float64)
    judged = ~np.isnan(each).any(axis=1)
    score = np.full(len(each), np.nan)
    if asked.captions:
        wanted = each[judged, : len(asked.captions)]
        score[judged] = wanted @ (asked.weights / asked.weights.sum())
    if evidence.resemblance is not None:
        alike = evidence.resemblance[judged].astype(np.float64)
        score[judged] = _standard(score[judged]) + _standard(alike) if asked.captions else alike
    return score - PENALTY * shown(asked, evidence).sum(axis=1)


def shown(asked: Asked, evidence: Evidence) -> NDArray[np.bool_]:
    """Which unwanted things a photo shows by what ITM says, bool, (s, n)."""
    unwanted: NDArray[np.bool_] = evidence.log_odds[:, len(asked.captions) :] > 0
    return unwanted


def _standard(values: Doubles) -> Doubles:
    """The values less their mean, in standard deviations; zeros where all are equal."""
    apart = values - values.mean() if len(values) else values
    deviation = apart.std() if len(values) else 0.0
    return apart / deviation if deviation > 0 else apart


def chances(asked: Asked, evidence: Evidence, calibration: Calibration | None) -> Doubles:
    """The probability that a photo is what is asked for, float64, (s,); NaN where it is not judged.

    Without a calibration it is ITM's own. Each of several captions has to hold, so the least likely tells.
    """
    none = np.full(len(evidence.log_odds), np.nan)
    rows = evidence.readable
    if not asked.captions or not rows.any():
        return none
    each = np.full(evidence.log_odds.shape, np.nan)
    for column in range(len(asked.captions)):
        cosine, odds = evidence.cosines[rows, column], evidence.log_odds[rows, column]
        each[rows, column] = (
            sigmoid(odds) if calibration is None else calibration.of_features(features(cosine, odds))
        )
    least: Doubles = np.min(each[:, : len(asked.captions)] ** asked.weights, axis=1)
    return least


def sigmoid(log_odds: Floats) -> Doubles:
    """Log-odds to probabilities from 0 to 1, of any shape."""
    chance: Doubles = 1 / (1 + np.exp(-np.clip(log_odds.astype(np.float64), -80, 80)))
    return chance
