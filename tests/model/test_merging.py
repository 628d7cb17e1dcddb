"""Which tokens merge, and that a token merged of equals counts as often as they did."""

from __future__ import annotations

from collections.abc import Callable

import torch
from transformers import BridgeTowerConfig

from benchmarks.networks import random_network
from model.forward import caption_states, pooled_pair
from model.merging import gather, merge, merge_targets
from model.tower_states import TowerStates


def test_the_closest_couples_merge_and_the_rest_keep_their_order() -> None:
    # CLS, then a b c d: a leaves to b or d, c too. a is as d is; c is at 60 degrees from b.
    states = torch.tensor([[[9.0, 9.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.5], [2.0, 0.0]]])
    assert merge_targets(states, 1).tolist() == [[0, 3, 1, 2, 3]]
    assert merge_targets(states, 2).tolist() == [[0, 2, 1, 1, 2]]
    assert merge_targets(states, 9).tolist() == [[0, 2, 1, 1, 2]]  # at most half of them


def test_merged_tokens_are_summed() -> None:
    states = torch.tensor([[[9.0], [1.0], [2.0], [3.0], [4.0]]])
    assert gather(states, torch.tensor([[0, 3, 1, 2, 3]])).tolist() == [[[9], [2], [3], [5]]]


@torch.inference_mode()
def test_merging_equal_tokens_changes_nothing(tiny_config: Callable[..., BridgeTowerConfig]) -> None:
    backbone = random_network(tiny_config()).backbone
    words = caption_states(backbone, torch.tensor([[0, 7, 9, 2]]), torch.ones(1, 4, dtype=torch.int64))
    few = torch.randn(2, 3, 5, 128, generator=torch.Generator().manual_seed(1))  # 2 layers, 3 photos, CLS + 4
    again = torch.tensor([0, 1, 1, 2, 2, 3, 3, 4, 4])  # each token but the CLS twice
    distinct = TowerStates(few, few[1])
    photos = TowerStates(few[:, :, again], few[1][:, again])
    merged = merge(photos, 5)
    torch.testing.assert_close(merged.bridged, distinct.bridged)
    assert merged.mask is not None
    torch.testing.assert_close(merged.mask[0, 0, 0].exp(), torch.tensor([1.0, 2, 2, 2, 2]))
    expected = pooled_pair(backbone, photos, words)
    torch.testing.assert_close(pooled_pair(backbone, merged, words), expected, atol=1e-5, rtol=0)
    assert (
        float((pooled_pair(backbone, distinct, words) - expected).abs().max()) > 1e-3
    )  # were they not counted


def test_nothing_merges_where_enough_tokens_may_stay() -> None:
    photos = TowerStates(torch.randn(2, 3, 5, 8), torch.randn(3, 5, 8))
    merged = merge(photos, 5)
    torch.testing.assert_close(merged.bridged, photos.bridged)
    assert merged.mask is not None and not merged.mask.any()
