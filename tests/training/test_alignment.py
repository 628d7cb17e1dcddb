"""The pieces by which fusion begins as similarity: regressions whose answer is known."""

from __future__ import annotations

from typing import Any

import torch

from training.alignment import DIMS, fit_head, least_squares, set_product
from training.mini import Mini


def test_least_squares_finds_the_map_that_made_the_targets() -> None:
    inputs = torch.randn(400, 3, generator=torch.Generator().manual_seed(0))
    weight, bias = torch.tensor([[2.0, 0.0, -1.0], [0.0, 1.0, 0.0]]), torch.tensor([5.0, -3.0])
    found, constant = least_squares(inputs, inputs @ weight.T + bias)
    torch.testing.assert_close(found, weight, atol=0.01, rtol=0)
    torch.testing.assert_close(constant, bias, atol=0.01, rtol=0)


def test_the_head_tells_pairs_apart_by_the_poolers_first_number(own_mini: Mini) -> None:
    truth = (torch.arange(200) % 2).float()
    answer = truth - 0.5 + 0.1 * torch.randn(200, generator=torch.Generator().manual_seed(0))
    pooled = torch.zeros(200, 768)
    pooled[:, 384] = answer
    with torch.no_grad():
        assert fit_head(own_mini, answer, truth) == 1.0
        logits = own_mini.itm_score(pooled)
    assert ((logits[:, 1] > logits[:, 0]) == truth.bool()).all()


def test_the_feed_forward_network_multiplies_two_embeddings(own_mini: Mini) -> None:
    """With both embeddings in plain sight in the state, what it adds follows their product."""
    random = torch.Generator().manual_seed(0)
    asks, answers = 0.1 * torch.randn(2, 2000, DIMS, generator=random)
    state = torch.cat([asks, answers, torch.zeros(2000, 384 - 2 * DIMS)], dim=1)
    direction = torch.eye(384)[383]
    with torch.no_grad():
        set_product(own_mini, state, asks, answers, direction)
        layer: Any = own_mini.bridgetower.cross_modal_image_layers[-1]
        added = layer.output.dense(layer.intermediate(state))
    products = (asks * answers).sum(1)
    assert torch.corrcoef(torch.stack([products, added[:, 383]]))[0, 1] > 0.9
    assert added[:, :383].abs().max() == 0
