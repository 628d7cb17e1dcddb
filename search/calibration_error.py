"""How far probabilities are from what they promise: of the things called 80 % likely, 80 % should be so.

Both functions sort predictions into bins of equal width, as Guo et al. do: equal predictions always share a
bin, which bins of equal count would not grant. A prediction on the border of two bins belongs to the lower.

Source: Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 15


@dataclass(frozen=True)
class Bin:
    """Predictions of about one probability: their mean, the share that came true, how many they are."""

    predicted: float
    observed: float
    count: int


def reliability(probability: NDArray[Any], truth: NDArray[Any], bins: int = BINS) -> list[Bin]:
    """The bins that have a prediction in them, in ascending order.

    `probability` is float (n,) from 0 to 1; `truth` is (n,), 1 or True for what came true.
    """
    probability, truth = np.asarray(probability, np.float64), np.asarray(truth, np.float64)
    borders = np.arange(1, bins) / bins
    place = np.searchsorted(borders, probability, side="left")
    rows = (place == each for each in np.unique(place))
    return [Bin(float(probability[row].mean()), float(truth[row].mean()), int(row.sum())) for row in rows]


def expected_calibration_error(probability: NDArray[Any], truth: NDArray[Any], bins: int = BINS) -> float:
    """The mean distance, from 0 to 1, between predicted and observed, every prediction counting alike.

    `probability` is float (n,) from 0 to 1, at least one; `truth` is (n,), 1 or True for what came true.
    """
    rows = reliability(probability, truth, bins)
    return sum(row.count * abs(row.predicted - row.observed) for row in rows) / len(probability)
