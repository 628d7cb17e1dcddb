"""How well a caption fits a photo that it was not written for, by what others wrote about that photo.

"A dog runs on grass" is no lie about a hundred photos. Five captions a photo say what is in it, so the
caption teacher's similarity with them is graded truth, which a label of one photo a caption lacks.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

LABEL = 0.5  # of the target is the caption's own photo, the rest is shared by relevance


class Relevance:
    """From captions' sentence embeddings, float32 (m, dim), unit L2 norm, and each one's photo, (m,)."""

    def __init__(self, sentences: Tensor, owner: Tensor) -> None:
        photos = int(owner.max()) + 1
        sums = torch.zeros(photos, sentences.shape[1], device=sentences.device)
        self._sentences, self._owner = sentences, owner
        self._sums = sums.index_add_(0, owner, sentences)
        self._counts = torch.bincount(owner, minlength=photos).float()

    def __call__(self, captions: Tensor, photos: Tensor) -> Tensor:
        """Mean cosine of each caption with a photo's captions but itself; int64 rows to float32 (c, p)."""
        own = (self._owner[captions][:, None] == photos[None]).float()
        others = self._sentences[captions] @ self._sums[photos].T - own
        return others / (self._counts[photos][None] - own).clamp(min=1)


def graded(same: Tensor, relevance: Tensor, sharpness: float) -> Tensor:
    """A distribution over the last dimension: half to the true ones, half by relevance. Both (..., n)."""
    label = same.float() / same.float().sum(-1, keepdim=True).clamp(min=1)
    return LABEL * label + (1 - LABEL) * F.softmax(sharpness * relevance, dim=-1)


def graded_cross_entropy(logits: Tensor, same: Tensor, relevance: Tensor, sharpness: float) -> Tensor:
    """Both ways between captions and photos, (..., captions, photos): what `logits` cost against `graded`."""
    to_photos = one_way(logits, graded(same, relevance, sharpness))
    return (to_photos + one_way(logits.mT, graded(same.mT, relevance.mT, sharpness))) / 2


def one_way(logits: Tensor, target: Tensor) -> Tensor:
    """Mean cross-entropy over the last dimension, (..., n) both."""
    return -(target * F.log_softmax(logits, dim=-1)).sum(-1).mean()
