"""Photos that are near to whatever is asked, and how much of that a re-rank takes off their similarity.

In spaces of many dimensions some points, called hubs, are among the nearest of far more queries than is their
due. How near a photo is to the captions that people usually write says how much of a hub it is, and what it
is nearer to a caption than that speaks for the pair.

Source: Radovanovic, Nanopoulos and Ivanovic 2010, "Hubs in space", for what hubs are; Bogolin and others
2022, "Cross modal retrieval with querybank normalisation", for telling them by a bank of queries. Here the
bank is some hundred middles of captions, and its answer is taken off the cosine.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search.encoder import Encoder

SHARPNESS = 30.0  # the scale of cosines at which the nearest typical captions count most
Floats = NDArray[np.float32]


def is_known(encoder: Encoder) -> bool:
    """Whether the checkpoint knows typical captions, so that `hubness` is not zero throughout."""
    return getattr(encoder, "typical_captions", None) is not None


def hubness(encoder: Encoder, photos: Floats) -> Floats:
    """What a re-rank takes off the cosines of photos, float32 (n,), of their embeddings, float32 (n, dim).

    It is the checkpoint's `hubness_share` of the soft maximum of a photo's cosines with typical captions;
    zeros where the checkpoint knows none.
    """
    typical = getattr(encoder, "typical_captions", None)
    if typical is None:
        return np.zeros(len(photos), np.float32)
    sharp = SHARPNESS * (photos @ typical.embeddings.T)  # (n, captions)
    highest = sharp.max(axis=1, initial=0.0)
    total = np.exp(sharp - highest[:, None]) @ typical.shares
    share = float(getattr(encoder, "hubness_share", 0.0))
    taken_off: Floats = (share * (highest + np.log(total)) / SHARPNESS).astype(np.float32)
    return taken_off
