"""Typical captions for the checkpoint folder: the middles of groups of train's captions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.typical_captions import TypicalCaptions

GROUPS = 512  # dev finds no more by 1,024 (decision 0027)
HUBNESS_SHARE = 0.5  # dev is best, and flat, from 0.4 to 0.6


def typical_captions(embeddings: NDArray[np.float32], groups: int = GROUPS) -> TypicalCaptions:
    """k-means of caption embeddings, float32 (n, dim), by scikit-learn; the largest groups first."""
    from sklearn.cluster import KMeans

    found = KMeans(min(groups, len(embeddings)), n_init=1, random_state=0, max_iter=15).fit(embeddings)
    counts = np.bincount(found.labels_, minlength=found.n_clusters)
    order = np.argsort(-counts, kind="stable")
    shares = (counts[order] / len(embeddings)).astype(np.float32)
    return TypicalCaptions(found.cluster_centers_[order].astype(np.float32), shares)
