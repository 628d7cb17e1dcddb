"""Stage 2: both towers learn the captions, with the teacher's view of the whole training set as soft targets.

In the batch every caption of a photo is a true pair. Beyond the batch, each photo ranks all training
captions and each caption all training photos as the teacher ranks them, so that a small batch still
meets thousands of negatives.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from transformers import BertTokenizer

from model.forward import caption_cls
from training.heads import contrastive_loss
from training.mini import DIM, Mini, tokenize
from training.vision import embed_states, ranking_divergence

CAPTIONS_A_PHOTO = 1  # a step; over the epochs each caption has its turn
LARGEST_SCALE = 4.0  # log of the contrastive temperature's inverse


@dataclass(frozen=True)
class PairTargets:
    """The teacher's embeddings: photos float32 (views, n, 256), captions float32 (m, 256), unit L2 norm."""

    photos: Tensor
    captions: Tensor


def embed_tokens(mini: Mini, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
    """Token ids (n, tokens) to contrastive embeddings (n, 256), unit L2 norm."""
    return embed_caption_cls(mini, caption_cls(mini.bridgetower, input_ids, attention_mask))


def embed_caption_cls(mini: Mini, cls: Tensor) -> Tensor:
    """The text tower's last CLS tokens to contrastive embeddings, float32 (n, 256), unit L2 norm."""
    return F.normalize(mini.itc_text_head(cls).float(), dim=-1)


@torch.no_grad()
def embed_ids(mini: Mini, ids: Tensor) -> Tensor:
    """Padded token ids (n, tokens), where they lie, to contrastive embeddings (n, 256), unit L2 norm."""
    return torch.cat([embed_tokens(mini, part, (part != 0).long()) for part in ids.split(1000)])


@torch.inference_mode()
def embed_captions(mini: Mini, tokenizer: BertTokenizer, captions: list[str]) -> Tensor:
    """Captions to contrastive embeddings float32 (n, 256), unit L2 norm, in the order given."""
    order = sorted(range(len(captions)), key=lambda row: len(captions[row]))
    out = torch.empty(len(captions), DIM)
    for start in range(0, len(order), 128):
        rows = order[start : start + 128]
        out[rows] = embed_tokens(mini, *tokenize(tokenizer, [captions[row] for row in rows]))
    return out


@torch.no_grad()
def start_caption_head(mini: Mini, tokenizer: BertTokenizer, captions: list[str], taught: Tensor) -> None:
    """Least squares from the untouched text tower's CLS states to the teacher's caption embeddings."""
    states = [
        caption_cls(mini.bridgetower, *tokenize(tokenizer, captions[start : start + 128]))
        for start in range(0, len(captions), 128)
    ]
    inputs = torch.cat([torch.cat(states), torch.ones(len(captions), 1)], dim=1).double()
    gram = inputs.T @ inputs + 1e-3 * len(captions) * torch.eye(inputs.shape[1])
    solution = torch.linalg.solve(gram, inputs.T @ taught.double()).float()
    mini.itc_text_head.fc.weight.copy_(solution[:-1].T)
    mini.itc_text_head.fc.bias.copy_(solution[-1])


def draw_captions(
    photo_of_caption: NDArray[np.int64], rows: NDArray[np.int64], seed: int
) -> NDArray[np.int64]:
    """A caption of each photo in `rows`, as rows of the caption list, int64 (photos,)."""
    rng = np.random.default_rng(seed)
    starts, ends = (
        np.searchsorted(photo_of_caption, rows),
        np.searchsorted(photo_of_caption, rows, side="right"),
    )
    drawn = [
        start + rng.choice(end - start, CAPTIONS_A_PHOTO, replace=end - start < CAPTIONS_A_PHOTO)
        for start, end in zip(starts, ends, strict=True)
    ]
    return np.concatenate(drawn)


def pair_loss(
    mini: Mini,
    first_states: Tensor,
    tokens: tuple[Tensor, Tensor],
    taught: tuple[Tensor, Tensor],
    targets: PairTargets,
) -> Tensor:
    """Contrastive loss in the batch and the teacher's rankings beyond it.

    `first_states` are the vision tower's for p photos, `tokens` those of a caption of each,
    `taught` the teacher's embeddings of exactly these views and captions.
    """
    photos, captions = embed_states(mini, first_states), embed_tokens(mini, *tokens)
    owner = torch.arange(len(photos)).repeat_interleave(CAPTIONS_A_PHOTO)
    same = torch.arange(len(photos))[:, None] == owner[None]
    hard = contrastive_loss(photos, captions, same, mini.logit_scale.clamp(max=LARGEST_SCALE))
    soft_photos = ranking_divergence(photos, taught[0], targets.captions)
    soft_captions = ranking_divergence(captions, taught[1], targets.photos[0])
    cosine = 2 - (photos * taught[0]).sum(-1).mean() - (captions * taught[1]).sum(-1).mean()
    return hard + soft_photos + soft_captions + cosine
