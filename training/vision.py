"""Stage 1: the vision tower, on top of the stem's features, learns to rank captions as the teacher does.

For the first part of the stage half of the patches are left out, which halves the work and keeps the
tower from memorising. Source: Li and others 2023, "Scaling language-image pre-training via masking".
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from model.forward import first_states, photo_cls
from training.heads import contrastive_loss
from training.mini import HIDDEN, Mini

SOFTNESS = 15.0  # the scale at which teacher and student rank captions
FEATURE_DROPOUT = 0.1


@torch.inference_mode()
def principal_axes(
    mini: Mini, features: NDArray[np.float16], dims: int = HIDDEN
) -> tuple[Tensor, Tensor, Tensor]:
    """Mean (1280,), axes (1280, dims) and overall scale of the patches' principal components."""
    sample = torch.cat([mini.stem.late(part).flatten(0, 1) for part in parts(features[::8])])
    mean = sample.mean(0)
    centred = sample - mean
    _, vectors = torch.linalg.eigh(centred.T @ centred / len(centred))
    axes = vectors[:, -dims:].flip(1)
    return mean, axes, (centred[::16] @ axes).std()


def parts(features: NDArray[np.float16], size: int = 64) -> Iterator[Tensor]:
    """Kept features as float32 tensors of at most `size` photos."""
    for start in range(0, len(features), size):
        yield torch.from_numpy(np.asarray(features[start : start + size], dtype=np.float32))


def draw_features(
    features: list[NDArray[np.float16]], batch: int, seed: int
) -> tuple[Tensor, Tensor, Tensor]:
    """A batch by its seed: views (batch,), photos (batch,) and features float32 (batch, 112, 14, 14)."""
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(features[0]), batch, replace=False)
    views = rng.integers(0, len(features), batch)
    maps = np.stack([features[view][row] for view, row in zip(views, rows, strict=True)])
    return torch.from_numpy(views), torch.from_numpy(rows), torch.from_numpy(maps.astype(np.float32))


def states_of_features(mini: Mini, features: Tensor, kept: int | None = None) -> Tensor:
    """Features (n, 112, 14, 14) to the vision tower's first states, of `kept` random patches where given."""
    maps = mini.stem.late(features.contiguous(memory_format=torch.channels_last))  # (n, 49, 1280)
    if mini.training:
        maps = F.dropout(maps, FEATURE_DROPOUT)
    states = first_states(mini.bridgetower, mini.stem.projection(maps))
    if kept is None:
        return states
    keep = torch.rand(states.shape[0], states.shape[1] - 1).argsort(1)[:, :kept] + 1
    patches = states.gather(1, keep[:, :, None].expand(-1, -1, HIDDEN))
    return torch.cat([states[:, :1], patches], dim=1)


def embed_states(mini: Mini, states: Tensor) -> Tensor:
    """First states to contrastive embeddings (n, 256), unit L2 norm."""
    return F.normalize(mini.itc_image_head(photo_cls(mini.bridgetower, states)), dim=-1)


def ranking_divergence(student: Tensor, teacher: Tensor, others: Tensor) -> Tensor:
    """KL from the teacher's ranking of `others` (m, 256) to the student's; both (n, 256), unit L2 norm."""
    target = F.softmax(SOFTNESS * teacher @ others.T, dim=-1)
    return F.kl_div(F.log_softmax(SOFTNESS * student @ others.T, dim=-1), target, reduction="batchmean")


def vision_loss(
    mini: Mini, maps: Tensor, taught: Tensor, all_captions: Tensor, own: Tensor, kept: int | None
) -> Tensor:
    """Embedding and ranking against the teacher's, and the captions themselves.

    `taught` are the teacher's embeddings of these views, `all_captions` of every training caption, `own`
    of as many captions of each photo, grouped by photo.
    """
    photos = embed_states(mini, states_of_features(mini, maps, kept))
    owner = torch.arange(len(photos)).repeat_interleave(len(own) // len(photos))
    same = torch.arange(len(photos))[:, None] == owner[None]
    hard = contrastive_loss(photos, own, same, torch.tensor(3.0))
    cosine = 1 - (photos * taught).sum(-1).mean()
    return hard + ranking_divergence(photos, taught, all_captions) + cosine


@torch.inference_mode()
def embed_photos(mini: Mini, features: NDArray[np.float16]) -> Tensor:
    """The features (n, 112, 14, 14) of photos to contrastive embeddings float32 (n, 256), unit L2 norm."""
    return torch.cat([embed_states(mini, states_of_features(mini, part)) for part in parts(features)])
