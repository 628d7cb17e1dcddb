"""Raw scores to the probability that a photo matches, and to "nothing here matches".

A cosine or an ITM log-odds alone says little: the best of many photos scores high even where none matches.
So the probability is a logistic regression on both scores of a photo, on how far it stands out from its
shortlist, and on the shortlist's size. Its coefficients lie in the checkpoint's `bridgelens.json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEATURES = ("similarity", "log_odds", "above_mean", "log_share", "log_size")
SHARPNESS = 20.0  # the scale of cosines at which a photo's share of its shortlist is taken
Floats = NDArray[np.float32]


def features(similarities: Floats, log_odds: Floats) -> NDArray[np.float64]:
    """What the regression reads of every photo of a shortlist, float64 (k, 5), in the order of `FEATURES`.

    `similarities` are cosines from -1 to 1, `log_odds` ITM's, float32 (k,) each, in any one order.
    """
    cosine = similarities.astype(np.float64)
    sharp = SHARPNESS * cosine
    log_total = sharp.max() + np.log(np.exp(sharp - sharp.max()).sum())
    size = np.full(len(cosine), np.log(len(cosine)))
    return np.stack([cosine, log_odds, cosine - cosine.mean(), sharp - log_total, size], axis=1)


@dataclass(frozen=True)
class Calibration:
    """A logistic regression: one weight a feature, and the constant.

    `threshold` is the probability of the best photo below which nothing matches.
    """

    weights: tuple[float, ...]
    constant: float
    threshold: float

    def probabilities(self, similarities: Floats, log_odds: Floats) -> Floats:
        """The probability (0 to 1) that each photo of a shortlist is what its caption describes.

        Both are float32 (k,), in any one order, at least one photo.
        """
        return self.of_features(features(similarities, log_odds)).astype(np.float32)

    def of_features(self, read: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probability (0 to 1) from what `features` gave, float64 (n, 5) to (n,)."""
        chances: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(self.log_odds(read), -80, 80)))
        return chances

    def log_odds(self, read: NDArray[np.float64]) -> NDArray[np.float64]:
        """As `of_features`, before the sigmoid."""
        odds: NDArray[np.float64] = read @ np.array(self.weights) + self.constant
        return odds

    def as_settings(self) -> dict[str, float]:
        """What `bridgelens.json` keeps, by name."""
        by_name = dict(zip(FEATURES, self.weights, strict=True))
        return {**by_name, "constant": self.constant, "threshold": self.threshold}


def from_settings(settings: Mapping[str, float] | None) -> Calibration | None:
    """The calibration that a checkpoint carries; None if it has none, or one of other features."""
    if settings is None or set(settings) != {*FEATURES, "constant", "threshold"}:
        return None
    weights = tuple(settings[name] for name in FEATURES)
    return Calibration(weights, settings["constant"], settings["threshold"])
