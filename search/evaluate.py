"""How well captions find their photos: ranks and recall@k, for any captioned folder and checkpoint."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CUTOFFS = (1, 5, 10)


def ranks(scores: NDArray[np.float32], photo_of_caption: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rank (0 is first) of each caption's own photo.

    `scores` is float32 (captions, photos), higher is better; `photo_of_caption` int64 (captions,). A tie
    counts against the photo, so that a model that scores everything alike finds nothing.
    """
    own = scores[np.arange(len(scores)), photo_of_caption]
    return (scores >= own[:, None]).sum(1) - 1  # type: ignore[no-any-return]


def recall(found: NDArray[np.int64]) -> dict[str, float]:
    """recall@1, @5 and @10 in percent, from ranks."""
    return {f"recall@{k}": 100 * float((found < k).mean()) for k in CUTOFFS}


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
