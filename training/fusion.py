"""Stage 3: the cross-modal encoder learns to tell a caption's photo from the shortlist around it.

The towers stand still, so a photo's states are computed once. Each caption meets its photo among those
that the contrastive search really confuses with it, each photo its caption among its nearest captions;
masked-LM on true pairs teaches the fill-in-the-blank head and keeps fusion looking at the photo.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from transformers import BertTokenizer

from model import forward
from model.forward import TowerStates
from training.mini import Mini, tokenize
from training.vision import states_of_features

NEAREST = 48  # how deep hard negatives are drawn from
MASKED_SHARE = 0.25


@dataclass(frozen=True)
class ConfusingPairs:
    """Each caption's nearest wrong photos and each photo's nearest wrong captions, int64 (rows, 48)."""

    photos_of_caption: NDArray[np.int64]
    captions_of_photo: NDArray[np.int64]


def confusing_pairs(photos: Tensor, captions: Tensor, photo_of_caption: NDArray[np.int64]) -> ConfusingPairs:
    """Hard negatives from the contrastive embeddings, photos (n, dim) and captions (m, dim), unit L2 norm."""
    owner = torch.from_numpy(photo_of_caption)
    wrong_photos = torch.empty(len(captions), NEAREST, dtype=torch.int64)
    for rows in torch.arange(len(captions)).split(2048):
        scores = captions[rows] @ photos.T
        scores[torch.arange(len(rows)), owner[rows]] = -2
        wrong_photos[rows] = scores.topk(NEAREST).indices
    wrong_captions = torch.empty(len(photos), NEAREST, dtype=torch.int64)
    for rows in torch.arange(len(photos)).split(512):
        scores = photos[rows] @ captions.T
        scores[owner[None] == rows[:, None]] = -2
        wrong_captions[rows] = scores.topk(NEAREST).indices
    return ConfusingPairs(wrong_photos.numpy(), wrong_captions.numpy())


@dataclass(frozen=True)
class Groups:
    """A batch of stage 3: rows of photos and captions, `pairs` (p, 2) of places in them, groups of pairs."""

    photos: NDArray[np.int64]
    captions: NDArray[np.int64]
    pairs: Tensor
    groups: list[Tensor]


WRONG_PHOTOS, WRONG_CAPTIONS = 7, 4


def draw_groups(
    asked: NDArray[np.int64], owner: NDArray[np.int64], confusing: ConfusingPairs, rng: np.random.Generator
) -> Groups:
    """For each caption asked, its photo among wrong ones; for its photo, this caption among wrong ones."""
    photos: list[int] = []
    captions: list[int] = []
    pairs: list[tuple[int, int]] = []
    by_photo, by_caption = [], []
    for caption in asked:
        own_photo, own_caption = len(photos), len(captions)
        photos.append(int(owner[caption]))
        captions.append(int(caption))
        pairs.append((own_photo, own_caption))
        true = len(pairs) - 1
        wrong_photos = rng.choice(confusing.photos_of_caption[caption], WRONG_PHOTOS, replace=False)
        wrong_captions = rng.choice(
            confusing.captions_of_photo[owner[caption]], WRONG_CAPTIONS, replace=False
        )
        pairs += [(len(photos) + place, own_caption) for place in range(WRONG_PHOTOS)]
        by_caption.append([true, *range(true + 1, len(pairs))])
        first = len(pairs)
        pairs += [(own_photo, len(captions) + place) for place in range(WRONG_CAPTIONS)]
        by_photo.append([true, *range(first, len(pairs))])
        photos += wrong_photos.tolist()
        captions += wrong_captions.tolist()
    groups = [torch.tensor(by_caption), torch.tensor(by_photo)]
    return Groups(np.array(photos), np.array(captions), torch.tensor(pairs), groups)


@torch.inference_mode()
def cache_photo_layers(mini: Mini, features: NDArray[np.float16]) -> Tensor:
    """The vision tower's outputs that fusion reads, from feature maps: float16 (n, layers, 50, 384)."""
    parts = []
    for start in range(0, len(features), 128):
        maps = torch.from_numpy(np.asarray(features[start : start + 128], dtype=np.float32))
        first = states_of_features(mini, maps)
        parts.append(torch.stack(forward.photo_layers(mini.bridgetower, first), dim=1).half())
    return torch.cat(parts)


@torch.inference_mode()
def embed_layers(mini: Mini, layers: Tensor) -> Tensor:
    """The contrastive embeddings float32 (n, 256), unit L2 norm, of photos whose outputs are cached."""
    backbone = mini.bridgetower
    cls = forward.transform(backbone.cross_modal_image_transform, 0)(layers[:, -1, 0].float())
    typed = cls + forward.token_type(backbone, forward.IMAGE_TOKEN_TYPE)
    return F.normalize(mini.itc_image_head(typed), dim=-1)


def photo_part(mini: Mini, layers: Tensor) -> TowerStates:
    """Cached outputs (n, layers, tokens, hidden) as the photos' part of fusion."""
    return forward.bridge_photos(mini.bridgetower, list(layers.float().unbind(1)))


def caption_part(mini: Mini, input_ids: Tensor, attention_mask: Tensor) -> TowerStates:
    """Token ids as the captions' part of fusion; the text tower itself learns nothing here."""
    with torch.no_grad():
        layers = forward.caption_layers(mini.bridgetower, input_ids, attention_mask)
    return forward.bridge_captions(mini.bridgetower, layers, attention_mask)


def log_odds(mini: Mini, photos: TowerStates, captions: TowerStates) -> tuple[Tensor, Tensor]:
    """ITM log-odds (n,) of photo i with caption i, and the pooled pairs (n, 2 x hidden)."""
    pooled = forward.pooled_pair(mini.bridgetower, photos, captions)
    logits = mini.itm_score(pooled)
    return logits[:, 1] - logits[:, 0], pooled


def matching_loss(
    mini: Mini, layers: Tensor, tokens: tuple[Tensor, Tensor], pairs: Tensor, groups: list[Tensor]
) -> Tensor:
    """Ranking and yes-or-no loss over `pairs` int64 (p, 2), rows of `layers` and of `tokens`.

    Each of `groups` int64 (g, size) lists pairs of which the first is true and the others are not.
    """
    photos = photo_part(mini, layers).select(pairs[:, 0])
    captions = caption_part(mini, *tokens).select(pairs[:, 1])
    odds, _ = log_odds(mini, photos, captions)
    loss = odds.new_zeros(())
    for group in groups:
        ranked = odds[group]  # (g, size)
        loss = loss + F.cross_entropy(ranked, torch.zeros(len(ranked), dtype=torch.int64))
        truth, lies = F.softplus(-ranked[:, 0]).mean(), F.softplus(ranked[:, 1:]).mean()
        loss = loss + 0.25 * (truth + lies)
    return loss


def blank_loss(mini: Mini, tokenizer: BertTokenizer, layers: Tensor, captions: list[str]) -> Tensor:
    """Masked-LM on true pairs: a quarter of the wordpieces become blanks, to be read off the photo."""
    ids, mask = tokenize(tokenizer, captions)
    special = (ids == tokenizer.cls_token_id) | (ids == tokenizer.sep_token_id) | (mask == 0)
    blanks = (torch.rand(ids.shape) < MASKED_SHARE) & ~special
    blanks[:, 1] |= ~blanks.any(1)  # every caption has at least one
    masked = ids.masked_fill(blanks, tokenizer.mask_token_id)
    text, _ = forward.fuse(
        mini.bridgetower, photo_part(mini, layers), caption_part(mini, masked, mask), cls_only=False
    )
    return F.cross_entropy(mini.mlm_score(text[blanks]), ids[blanks])


def cross_embedding_loss(
    mini: Mini, layers: Tensor, tokens: tuple[Tensor, Tensor], photos: Tensor, captions: Tensor
) -> Tensor:
    """Hugging Face's own loss for the pair's embedding: near its photo's and its caption's."""
    _, pooled = log_odds(mini, photo_part(mini, layers), caption_part(mini, *tokens))
    pair = F.normalize(mini.itc_cross_modal_head(pooled.detach()), dim=-1)
    scale, own = mini.logit_scale.detach().exp(), torch.arange(len(pair))
    return F.cross_entropy(scale * captions @ pair.T, own) + F.cross_entropy(scale * photos @ pair.T, own)


@torch.inference_mode()
def shortlist_log_odds(
    mini: Mini, tokenizer: BertTokenizer, layers: Tensor, captions: list[str], shortlist: Tensor
) -> Tensor:
    """ITM log-odds of each caption with its shortlist, int64 (captions, size): float32 of that shape."""
    photos = TowerStates(*_stack([photo_part(mini, part) for part in layers.split(256)]))
    out = torch.empty(shortlist.shape)
    for row, caption in enumerate(captions):
        states = caption_part(mini, *tokenize(tokenizer, [caption]))
        out[row] = log_odds(mini, photos.select(shortlist[row]), states.expand(shortlist.shape[1]))[0]
    return out


def _stack(parts: list[TowerStates]) -> tuple[Tensor, Tensor]:
    return torch.cat([part.bridged for part in parts], 1), torch.cat([part.attended for part in parts])


LEARNING = (
    "cross_modal_text", "cross_modal_image_layers", "cross_modal_image_pooler", "cross_modal_image_layernorm",
    "cross_modal_image_link_tower", "itm_score", "mlm_score.transform", "mlm_score.bias",
    "itc_cross_modal_head",
)  # fmt: skip
"""What stage 3 trains: fusion and its heads. What the contrastive embeddings read stays as it is."""
