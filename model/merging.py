"""Photos with fewer tokens for fusion: tokens that say almost the same become their mean.

Merged once a photo, before any caption is known, so every pair is cheaper and the kept states are smaller.
A token that stands for s of them counts as often in every attention: log s is added to its scores.

Source: Bolya and others 2023, "Token Merging: Your ViT But Faster": bipartite soft matching, proportional
attention. There tokens merge a little in every layer; here once, and by what fusion reads of them.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from model.tower_states import TowerStates


def merge(photos: TowerStates, tokens: int) -> TowerStates:
    """Photos' states with so many tokens each, the CLS token, which never merges, among them."""
    sizes = torch.ones(photos.attended.shape[:2], device=photos.attended.device)
    layers = [*photos.bridged.unbind(0), photos.attended]
    while (surplus := sizes.shape[1] - tokens) > 0:
        target = merge_targets(layers[-1], surplus)
        merged = [gather(layer * sizes[..., None].to(layer.dtype), target) for layer in layers]
        sizes = gather(sizes[..., None], target)[..., 0]
        layers = [layer / sizes[..., None].to(layer.dtype) for layer in merged]
    mask = sizes.log().to(photos.attended.dtype)[:, None, None]
    return TowerStates(torch.stack(layers[:-1]), layers[-1], mask)


def merge_targets(states: Tensor, surplus: int) -> Tensor:
    """Which new token each old one goes to, int64 (n, tokens), where up to half of the tokens may merge.

    Every second token looks for the token most like it among the others; the closest couples merge.
    """
    unit = F.normalize(states.float(), dim=-1)
    n, tokens, _ = unit.shape
    leaving, staying = unit[:, 1::2], unit[:, 2::2]  # the CLS token is neither
    nearness, partner = (leaving @ staying.mT).max(-1)
    merging = nearness.argsort(dim=-1, descending=True)[:, : min(surplus, leaving.shape[1])]
    target = torch.arange(tokens, device=states.device).repeat(n, 1)
    target.scatter_(1, 1 + 2 * merging, 2 + 2 * partner.gather(1, merging))
    kept = torch.ones(n, tokens, dtype=torch.int64, device=states.device)
    kept.scatter_(1, 1 + 2 * merging, 0)
    return (kept.cumsum(1) - 1).gather(1, target)


def gather(states: Tensor, target: Tensor) -> Tensor:
    """Sum of the tokens (n, tokens, d) that go to the same new one, (n, new tokens, d)."""
    n, _, width = states.shape
    sums = states.new_zeros(n, int(target.max()) + 1, width)
    return sums.scatter_add_(1, target[..., None].expand(-1, -1, width), states)
