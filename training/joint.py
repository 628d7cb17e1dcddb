"""Stage 5, for a GPU: stem, towers and fusion learn together, each step from views nobody has seen before.

The stages before it keep what the frozen parts say, because two CPU cores could not say it anew. Here nothing
is kept: every step looks at fresh views through the whole network, matches all pairs of clusters that the
towers confuse, and fills blanks, so that matching may teach the towers what to look at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from transformers import BertTokenizer

from model import forward
from training import fusion
from training.contrastive import LARGEST_SCALE, embed_caption_cls
from training.fresh_views import fresh_views, normalised
from training.fusion import CLUSTER
from training.mini import Mini
from training.relevance import Relevance, graded_cross_entropy
from training.vision import FEATURE_DROPOUT, ranking_divergence

CLUSTERS = 32  # a step; each is twelve photos that one caption confuses, with a caption of each
DEPTHS = (24, 60, 200)  # how near a caption the photos of its cluster are
KEPT = (25, 36, 49)  # patches that a step looks at
DROPPED = 0.1  # of a caption's words
BLANKS = 96  # captions with blanks a step
SHARPNESS, SHARPNESS_OF_CLUSTER = 20.0, 12.0  # of relevance: among hundreds, and among twelve
MATCHING, BLANK, TAUGHT, KNOWN, PAIR = 1.0, 0.5, 0.5, 0.2, 0.05  # of the losses beside the contrastive one
ASKED = 96  # photos a step whose ImageNet classes have to stay known


@dataclass(frozen=True)
class JointData:
    """All of a split on one device.

    `pixels` uint8 (n, 3, side, side), `ids` int64 (m, tokens) padded with 0, `owner` int64 (m,) ascending,
    `taught` the teacher's embeddings of photos (n, dim) and captions (m, dim), unit L2 norm. `knows` is the
    photo teacher itself, whose classes the stem should not forget.
    """

    pixels: Tensor
    ids: Tensor
    owner: Tensor
    taught: tuple[Tensor, Tensor] | None = None
    knows: Any = None

    def caption_of(self, photos: Tensor, generator: torch.Generator) -> Tensor:
        """A random caption of each photo, int64 of the same shape."""
        first = torch.searchsorted(self.owner, photos)
        count = torch.searchsorted(self.owner, photos, right=True) - first
        return first + (torch.rand(photos.shape, generator=generator, device=photos.device) * count).long()


def draw_clusters(data: JointData, nearest: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Photos and a caption of each, int64 (clusters, 12): a caption's own photo and some it confuses.

    `nearest` int64 (m, depth) holds each caption's nearest wrong photos, nearest first.
    """
    device = nearest.device
    asked = torch.randint(len(nearest), (CLUSTERS,), generator=generator, device=device)
    depths = torch.tensor(DEPTHS, device=device)
    depth = depths[torch.randint(len(DEPTHS), (CLUSTERS, 1), generator=generator, device=device)]
    order = torch.rand((CLUSTERS, nearest.shape[1]), generator=generator, device=device)
    beyond = torch.arange(nearest.shape[1], device=device)[None] >= depth
    chosen = order.masked_fill(beyond, 2.0).topk(CLUSTER - 1, largest=False).indices
    wrong = nearest[asked].gather(1, chosen)
    photos = torch.cat([data.owner[asked][:, None], wrong], dim=1)
    captions = torch.cat([asked[:, None], data.caption_of(wrong, generator)], dim=1)
    return photos, captions


@dataclass
class Looked:
    """What photos and captions become: embeddings (b, dim), unit L2 norm, and the towers' layers."""

    photos: Tensor
    captions: Tensor
    photo_layers: list[Tensor]
    caption_layers: list[Tensor]
    mask: Tensor
    features: Tensor  # the stem's, mean over the photo, (b, 1280)


def look(mini: Mini, pixels: Tensor, ids: Tensor, kept: int, generator: torch.Generator) -> Looked:
    """Both towers over normalised pixels (b, 3, side, side) and token ids (b, tokens)."""
    maps = mini.stem.features(pixels)
    features = maps.float().mean(1)
    if mini.training:
        maps = F.dropout(maps, FEATURE_DROPOUT)
    states = some_states(forward.first_states(mini.bridgetower, mini.stem.projection(maps)), kept, generator)
    photo_layers = forward.photo_layers(mini.bridgetower, states)
    mask = words_kept(ids, generator) if mini.training else (ids != 0).long()
    caption_layers = forward.caption_layers(mini.bridgetower, ids, mask)
    photos = fusion.embed_photo_cls(mini, photo_layers[-1][:, 0])
    captions = embed_caption_cls(mini, caption_layers[-1][:, 0])
    return Looked(photos, captions, photo_layers, caption_layers, mask, features)


def whole_layers(mini: Mini, pixels: Tensor) -> list[Tensor]:
    """The vision tower's outputs that fusion reads, of photos as they are: uint8 (n, 3, side, side)."""
    values = normalised(pixels.float() / 255).contiguous(memory_format=torch.channels_last)
    return forward.photo_layers(mini.bridgetower, forward.first_states(mini.bridgetower, mini.stem(values)))


def some_states(states: Tensor, kept: int, generator: torch.Generator) -> Tensor:
    """First states (b, 1 + patches, hidden) with the CLS token and `kept` random patches of each photo."""
    n, tokens, hidden = states.shape
    if kept >= tokens - 1:
        return states
    order = torch.rand((n, tokens - 1), generator=generator, device=states.device)
    keep = order.topk(kept).indices + 1
    return torch.cat([states[:, :1], states.gather(1, keep[:, :, None].expand(-1, -1, hidden))], dim=1)


def words_kept(ids: Tensor, generator: torch.Generator) -> Tensor:
    """The attention mask (b, tokens) of captions that lose some words; the CLS token always stays."""
    heard = torch.rand(ids.shape, generator=generator, device=ids.device) >= DROPPED
    heard[:, 0] = True
    return ((ids != 0) & heard).long()


def contrast(mini: Mini, looked: Looked, same: Tensor, relevance: Tensor) -> Tensor:
    """The batch's captions against its photos, `same` and `relevance` (captions, photos)."""
    scale = mini.logit_scale.clamp(max=LARGEST_SCALE).exp()
    logits = scale * looked.captions @ looked.photos.T
    return graded_cross_entropy(logits, same, relevance, SHARPNESS)


def taught(looked: Looked, said: tuple[Tensor, Tensor], photos: Tensor, captions: Tensor) -> Tensor:
    """The teacher's ranking of all photos and captions, and its own embeddings of these."""
    own = said[0][photos], said[1][captions]
    rankings = ranking_divergence(looked.photos, own[0], said[1])
    rankings = rankings + ranking_divergence(looked.captions, own[1], said[0])
    cosine = 2 - (looked.photos * own[0]).sum(-1).mean() - (looked.captions * own[1]).sum(-1).mean()
    return rankings + cosine


def match(mini: Mini, looked: Looked, same: Tensor, relevance: Tensor) -> tuple[Tensor, Tensor]:
    """The matching loss over all pairs of each cluster, and the pooled true pairs (b, 2 x hidden).

    `same` and `relevance` are (clusters, captions, photos).
    """
    clusters = len(same)
    photo = torch.arange(clusters * CLUSTER, device=same.device).view(clusters, 1, CLUSTER)
    caption = photo.mT
    photo, caption = (each.expand(-1, CLUSTER, CLUSTER).flatten() for each in (photo, caption))
    photos = forward.bridge_photos(mini.bridgetower, looked.photo_layers).select(photo)
    captions = forward.bridge_captions(mini.bridgetower, looked.caption_layers, looked.mask).select(caption)
    odds, pooled = fusion.log_odds(mini, photos, captions)
    odds = odds.float().view(clusters, CLUSTER, CLUSTER)  # caption i with photo j
    ranking = graded_cross_entropy(odds, same, relevance, SHARPNESS_OF_CLUSTER)
    truth, lies = F.softplus(-odds[same]).mean(), F.softplus(odds[~same]).mean()
    return 2 * ranking + 0.25 * (truth + lies), pooled[photo == caption]


def fill(mini: Mini, tokenizer: BertTokenizer, looked: Looked, ids: Tensor) -> Tensor:
    """Masked-LM on the first captions of the batch with their own photos."""
    ids = ids[:BLANKS]
    masked, blanks = fusion.blanked(tokenizer, ids)
    mask = (ids != 0).long()
    captions = forward.caption_states(mini.bridgetower, masked, mask)
    photos = forward.bridge_photos(mini.bridgetower, [each[:BLANKS] for each in looked.photo_layers])
    text, _ = forward.fuse(mini.bridgetower, photos, captions, cls_only=False)
    return F.cross_entropy(mini.mlm_score(text[blanks]).float(), ids[blanks])


def known(data: JointData, looked: Looked, values: Tensor) -> Tensor:
    """How far the stem's features have left the classes that the photo teacher sees in the same views."""
    with torch.no_grad():
        expected = data.knows(values[:ASKED]).float().softmax(-1)
    said = data.knows._fc(looked.features[:ASKED]).float()
    return F.kl_div(F.log_softmax(said, dim=-1), expected, reduction="batchmean")


def joint_loss(
    mini: Mini, tokenizer: BertTokenizer, data: JointData, relevant: Relevance, nearest: Tensor, step: int
) -> Tensor:
    """One step, drawn from its number alone."""
    generator = torch.Generator(data.pixels.device).manual_seed(31_000_000 + step)
    photos, captions = draw_clusters(data, nearest, generator)
    rows, texts = photos.flatten(), captions.flatten()
    ids = data.ids[texts]
    ids = ids[:, : int((ids != 0).sum(1).max())]
    values = fresh_views(data.pixels[rows], generator).contiguous(memory_format=torch.channels_last)
    looked = look(mini, values, ids, KEPT[step % len(KEPT)], generator)
    same, relevance = data.owner[texts][:, None] == rows[None], relevant(texts, rows)
    with torch.autocast(data.pixels.device.type, enabled=False):
        loss = contrast(mini, looked, same, relevance)
        if data.taught is not None:
            loss = loss + TAUGHT * taught(looked, data.taught, rows, texts)
    same, relevance = (diagonal_blocks(each) for each in (same, relevance))
    matching, pairs = match(mini, looked, same, relevance)
    loss = loss + MATCHING * matching + BLANK * fill(mini, tokenizer, looked, ids)
    if data.knows is not None:
        loss = loss + KNOWN * known(data, looked, values)
    return loss + PAIR * fusion.pair_embedding_loss(mini, pairs, looked.photos, looked.captions)


def diagonal_blocks(each: Tensor) -> Tensor:
    """(clusters x 12, clusters x 12) to the clusters' own blocks, (clusters, 12, 12)."""
    blocks = each.unflatten(0, (-1, CLUSTER)).unflatten(2, (-1, CLUSTER))
    own: Tensor = blocks.diagonal(dim1=0, dim2=2).permute(2, 0, 1)
    return own
