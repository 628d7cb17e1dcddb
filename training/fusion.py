"""Stage 3: the cross-modal encoder learns to tell a caption's photo from the shortlist around it.

The towers stand still, so a photo's states are computed once. Each caption meets its photo among those
that the contrastive search really confuses with it, each photo its caption among its nearest captions;
masked-LM on true pairs teaches the fill-in-the-blank head and keeps fusion looking at the photo.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from transformers import BertTokenizer

from model import forward
from model.forward import TowerStates
from training import vision
from training.contrastive import draw_captions
from training.mini import Mini, tokenize

NEAREST = 200  # how deep hard negatives are drawn from; nearer ones are often right as well
CLUSTER = 12  # photos that confuse one another, judged with a caption of each
GRAMMAR = "a an the is are of in on and with to at his her its their .".split()  # needs no photo
MASKED_SHARE, MASKED_GRAMMAR = 0.3, 0.05  # the share of blanks among words, and among grammar's


def confusing_photos(photos: Tensor, captions: Tensor, owner: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each caption's nearest wrong photos, nearest first, int64 (captions, 200).

    `photos` (n, dim) and `captions` (m, dim) are embeddings, unit L2 norm; `owner` is each caption's photo.
    """
    own = torch.from_numpy(owner)
    nearest = torch.empty(len(captions), NEAREST, dtype=torch.int64)
    for rows in torch.arange(len(captions)).split(2048):
        scores = captions[rows] @ photos.T
        scores[torch.arange(len(rows)), own[rows]] = -2
        nearest[rows] = scores.topk(NEAREST).indices
    return nearest.numpy()


def draw_cluster(
    asked: int, owner: NDArray[np.int64], nearest: NDArray[np.int64], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Photos that one caption confuses, its own first, and a caption of each: int64 (12,) twice.

    All pairs of the two are judged, so every photo is also a hard negative of the others' captions.
    """
    wrong = rng.choice(nearest[asked], CLUSTER - 1, replace=False)
    photos = np.concatenate([[owner[asked]], wrong])
    return photos, np.concatenate([[asked], draw_captions(owner, wrong, int(rng.integers(2**31)))])


@torch.inference_mode()
def cache_photo_layers(mini: Mini, features: NDArray[np.float16]) -> Tensor:
    """The vision tower's outputs that fusion reads, from features: float16 (n, layers, 50, 384)."""
    cached = []
    for part in vision.parts(features):
        first = vision.states_of_features(mini, part)
        cached.append(torch.stack(forward.photo_layers(mini.bridgetower, first), dim=1).half())
    return torch.cat(cached)


@torch.inference_mode()
def embed_layers(mini: Mini, layers: Tensor) -> Tensor:
    """The contrastive embeddings float32 (n, 256), unit L2 norm, of photos whose outputs are cached."""
    return embed_photo_cls(mini, layers[:, -1, 0].float())


def embed_photo_cls(mini: Mini, cls: Tensor) -> Tensor:
    """The vision tower's last CLS tokens to contrastive embeddings, float32 (n, 256), unit L2 norm."""
    backbone = mini.bridgetower
    typed = forward.transform(backbone.cross_modal_image_transform, 0)(cls)
    typed = typed + forward.token_type(backbone, forward.IMAGE_TOKEN_TYPE)
    return F.normalize(mini.itc_image_head(typed).float(), dim=-1)


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


def matching_loss(mini: Mini, layers: Tensor, tokens: tuple[Tensor, Tensor]) -> Tensor:
    """Ranking and yes-or-no loss over all pairs of a cluster: photo i belongs to caption i, to no other."""
    size = len(layers)
    rows = torch.arange(size)
    photos = photo_part(mini, layers).select(rows.repeat_interleave(size))
    captions = caption_part(mini, *tokens).select(rows.repeat(size))
    odds = log_odds(mini, photos, captions)[0].view(size, size)  # photo i with caption j
    ranking = F.cross_entropy(odds, rows) + F.cross_entropy(odds.T, rows)
    truth = F.softplus(-odds.diagonal()).mean()
    lies = F.softplus(odds[~torch.eye(size, dtype=torch.bool)]).mean()
    return ranking + 0.25 * (truth + lies)


def some_patches(layers: Tensor, kept: int) -> Tensor:
    """Cached outputs (n, layers, 50, hidden) with the CLS token and `kept` patches, the same for all n."""
    keep = torch.cat([torch.zeros(1, dtype=torch.int64), torch.randperm(layers.shape[2] - 1)[:kept] + 1])
    return layers[:, :, keep]


def blanked(tokenizer: BertTokenizer, ids: Tensor) -> tuple[Tensor, Tensor]:
    """Padded token ids (n, tokens) with some wordpieces as blanks, at least one each, and where they are."""
    special = (
        (ids == tokenizer.cls_token_id) | (ids == tokenizer.sep_token_id) | (ids == tokenizer.pad_token_id)
    )
    grammar = torch.tensor(tokenizer.convert_tokens_to_ids(GRAMMAR), device=ids.device)
    chances = torch.where(torch.isin(ids, grammar), MASKED_GRAMMAR, MASKED_SHARE).masked_fill(special, 0.0)
    blanks = torch.rand(ids.shape, device=ids.device) < chances
    blanks[:, 1] |= ~blanks.any(1)
    return ids.masked_fill(blanks, int(tokenizer.mask_token_id)), blanks


def blank_loss(mini: Mini, tokenizer: BertTokenizer, layers: Tensor, captions: list[str]) -> Tensor:
    """Masked-LM on true pairs: some of the wordpieces become blanks, to be read off the photo."""
    ids, mask = tokenize(tokenizer, captions)
    masked, blanks = blanked(tokenizer, ids)
    text, _ = forward.fuse(
        mini.bridgetower, photo_part(mini, layers), caption_part(mini, masked, mask), cls_only=False
    )
    return F.cross_entropy(mini.mlm_score(text[blanks]), ids[blanks])


def cross_embedding_loss(
    mini: Mini, layers: Tensor, tokens: tuple[Tensor, Tensor], photos: Tensor, captions: Tensor
) -> Tensor:
    """Hugging Face's own loss for the pair's embedding: near its photo's and its caption's."""
    _, pooled = log_odds(mini, photo_part(mini, layers), caption_part(mini, *tokens))
    return pair_embedding_loss(mini, pooled, photos, captions)


def pair_embedding_loss(mini: Mini, pooled: Tensor, photos: Tensor, captions: Tensor) -> Tensor:
    """The same from pooled true pairs (n, 2 x hidden); only the head learns."""
    pair = F.normalize(mini.itc_cross_modal_head(pooled.detach()).float(), dim=-1)
    photos, captions = photos.detach(), captions.detach()
    scale, own = mini.logit_scale.detach().exp(), torch.arange(len(pair), device=pair.device)
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


@torch.no_grad()
def start_blanks(mini: Mini, tokenizer: BertTokenizer, captions: list[str]) -> None:
    """The masked-LM head begins with each word's frequency, which then is not left to be learned."""
    counts = torch.full((len(tokenizer),), 0.1)
    for ids in tokenizer(captions)["input_ids"]:
        counts.index_add_(0, torch.tensor(ids), torch.ones(len(ids)))
    special = [tokenizer.cls_token_id, tokenizer.sep_token_id]
    counts[special] = 0.1
    grammar = tokenizer.convert_tokens_to_ids(GRAMMAR)
    counts[grammar] *= MASKED_GRAMMAR / MASKED_SHARE
    mini.mlm_score.bias.copy_((counts / counts.sum()).log())


LEARNING = (
    "cross_modal_text", "cross_modal_image_layers", "cross_modal_image_pooler", "cross_modal_image_layernorm",
    "cross_modal_image_link_tower", "itm_score", "mlm_score.transform", "mlm_score.bias",
    "itc_cross_modal_head",
)  # fmt: skip
"""What stage 3 trains: fusion and its heads. What the contrastive embeddings read stays as it is."""
