"""A re-rank's second look at the photos that it judges, and the similarity that its order counts with.

A checkpoint may say that judging a photo is worth a view of its own. Then the mean of the view's embedding
and the stored one takes the place of the stored one in the order, once the photo is judged.
"""

from __future__ import annotations

from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

from search.encoder import Encoder, LookingEncoder, States, StatesEncoder
from search.hubness import hubness

Floats = NDArray[np.float32]


def looks_twice(encoder: Encoder) -> TypeGuard[LookingEncoder]:
    """Whether a re-rank with this encoder judges a second view of each photo."""
    return hasattr(encoder, "look_again") and float(getattr(encoder, "look_weight", 0.0)) > 0


def judged_states(encoder: StatesEncoder, pixels: NDArray[np.float32] | NDArray[np.uint8]) -> States:
    """The states by which a re-rank judges photos: of the second view, where there is one."""
    return encoder.look_again(pixels) if looks_twice(encoder) else encoder.photo_states(pixels)


def looks_of(encoder: Encoder, states: States, photos: int) -> Floats:
    """Embeddings of the second views by their states, float32 (photos, dim); without one (photos, 0)."""
    return encoder.look_embeddings(states) if looks_twice(encoder) else np.empty((photos, 0), np.float32)


def no_looks(encoder: Encoder, photos: int) -> Floats:
    """Looks of photos that are not judged: NaN, float32 (photos, dim or 0)."""
    return np.full((photos, encoder.dim if looks_twice(encoder) else 0), np.nan, np.float32)


def seen(encoder: Encoder, stored: Floats, looks: Floats) -> Floats:
    """Embeddings that a re-rank's order counts with, float32 (n, dim).

    `stored` are float32 (n, dim). `looks` are of the second views, float32 (n, dim), NaN where a photo is not
    judged, or (n, 0) where there are none.
    """
    if not looks_twice(encoder) or not looks.shape[1]:
        return stored
    both = stored + encoder.look_weight * looks
    unit = both / np.maximum(np.linalg.norm(both, axis=1, keepdims=True), 1e-12)
    return np.where(np.isnan(unit), stored, unit).astype(np.float32)


def meant(encoder: Encoder, photos: Floats, texts: Floats) -> Floats:
    """The cosines that an order counts with, float32 (n, m): hubness is taken off.

    `photos` float32 (n, dim) are what `seen` gives, `texts` float32 (m, dim) embeddings of captions.
    """
    return photos @ texts.T - hubness(encoder, photos)[:, None]


def meant_of_shortlists(
    encoder: Encoder, photos: Floats, texts: Floats, shortlist: NDArray[np.int64]
) -> Floats:
    """The same for each caption with the photos of its shortlist, int64 (m, size): float32 (m, size)."""
    near = [photos[places] @ text for places, text in zip(shortlist, texts, strict=True)]
    cosines = np.stack(near) if near else np.empty(shortlist.shape, np.float32)
    found: Floats = cosines - hubness(encoder, photos)[shortlist]
    return found
