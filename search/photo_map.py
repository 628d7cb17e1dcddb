"""Photos as points on a plane, those that the model finds alike near each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from storage.records import Ids, Vector

SAMPLE = 3000
"""Most photos on a map: 16 s of one core. A plane shows a million points no better."""
COMPONENTS = 50
"""Dimensions that t-SNE starts from. Source: van der Maaten and Hinton 2008, section 4.2, uses 30."""
PERPLEXITY = 30.0
_SEED = 0


def sample(photo_ids: Ids, most: int = SAMPLE) -> Ids:
    """All of the photos, or `most` of them by chance, int64, ascending; the same ones for the same photos."""
    if len(photo_ids) <= most:
        return np.sort(photo_ids)
    chosen = np.random.default_rng(_SEED).choice(photo_ids, size=most, replace=False)
    return np.sort(chosen)


def positions(vectors: Vector) -> NDArray[np.float32]:
    """Where each photo lies, float32 (n, 2), both sides from 0 to 1, by PCA and then t-SNE.

    `vectors` are embeddings, float32 (n, dim), unit norm. Runs for seconds, on one core, so that searches go
    on meanwhile; the same vectors give the same map.
    """
    # scikit-learn takes seconds to import, which a search must not pay for.
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    count, dim = vectors.shape
    if count < 3 or dim < 2 or np.ptp(vectors, axis=0).max() == 0:  # nothing to tell apart
        return np.repeat(np.linspace(0, 1, count, dtype=np.float32)[:, None], 2, axis=1)
    with threadpool_limits(1):
        few = PCA(min(COMPONENTS, count, dim), random_state=_SEED).fit_transform(vectors)
        if count < 5:  # too few to have neighbourhoods
            return _between_0_and_1(few[:, :2])
        nearness = min(PERPLEXITY, (count - 1) / 3)
        spread = TSNE(2, perplexity=nearness, init="pca", random_state=_SEED).fit_transform(few)
    return _between_0_and_1(spread)


def _between_0_and_1(points: NDArray[np.float32]) -> NDArray[np.float32]:
    low, high = points.min(axis=0), points.max(axis=0)
    span = np.where(high > low, high - low, 1)
    scaled: NDArray[np.float32] = ((points - low) / span).astype(np.float32)
    return scaled
