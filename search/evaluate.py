"""How well captions find their photos: ranks and their summary, for any captioned folder and checkpoint."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CUTOFFS = (1, 5, 10)
RESAMPLES = 1000


def ranks(scores: NDArray[np.float32], photo_of_caption: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rank (0 is first) of each caption's own photo.

    `scores` is float32 (captions, photos), higher is better; `photo_of_caption` int64 (captions,). A tie
    counts against the photo, so that a model that scores everything alike finds nothing.
    """
    own = scores[np.arange(len(scores)), photo_of_caption]
    return (scores >= own[:, None]).sum(1) - 1  # type: ignore[no-any-return]


def recall(found: NDArray[np.int64]) -> dict[str, float]:
    """recall@1, @5 and @10 in percent, from ranks (0 is first)."""
    return {f"recall@{k}": 100 * float((found < k).mean()) for k in CUTOFFS}


def summary(found: NDArray[np.int64]) -> dict[str, float]:
    """recall@k in percent, `mrr` (mean reciprocal rank, 0 to 1) and `median_rank` (1 is first).

    `found` is int64 (captions,), ranks from 0, at least one.
    """
    mrr = float((1 / (found + 1)).mean())
    return {**recall(found), "mrr": mrr, "median_rank": float(np.median(found)) + 1}


def intervals(
    found: NDArray[np.int64], resamples: int = RESAMPLES, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """Bootstrap 95 % intervals of every figure of `summary`, by its names: captions drawn with replacement.

    A summary depends on how often each rank occurs and on nothing else, and in a resample those counts are
    multinomial: drawing them is drawing captions.
    """
    values, counts = np.unique(found, return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(len(found), counts / len(found), size=resamples)
    samples = {f"recall@{k}": 100 * drawn[:, values < k].sum(1) / len(found) for k in CUTOFFS}
    samples["mrr"] = drawn @ (1 / (values + 1)) / len(found)
    below = drawn.cumsum(1)  # (resamples, values): how many captions rank so well or better
    middle = [values[(below > place).argmax(1)] for place in ((len(found) - 1) // 2, len(found) // 2)]
    samples["median_rank"] = (middle[0] + middle[1]) / 2 + 1
    ends = {name: np.percentile(sample, (2.5, 97.5)) for name, sample in samples.items()}
    return {name: (float(low), float(high)) for name, (low, high) in ends.items()}


def reranked(
    scores: NDArray[np.float32], shortlist: NDArray[np.int64], judged: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The scores after a re-rank: the shortlist in the order of `judged`, the rest as it was behind it.

    `scores` is float32 (captions, photos), cosine similarities from -1 to 1; `shortlist` int64 (captions,
    size) names photos, `judged` float32 of that shape is what they are re-ranked by.
    """
    lifted = scores.copy()
    np.put_along_axis(lifted, shortlist, judged - judged.min() + 2, axis=1)  # 2 is above every cosine
    return lifted
