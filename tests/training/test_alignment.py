"""The pieces by which fusion begins as similarity: regressions whose answer is known."""

from __future__ import annotations

import torch

from training.alignment import centre, fit_head, least_squares
from training.mini import Mini


def test_least_squares_finds_the_map_that_made_the_targets() -> None:
    inputs = torch.randn(400, 3, generator=torch.Generator().manual_seed(0))
    weight, bias = torch.tensor([[2.0, 0.0, -1.0], [0.0, 1.0, 0.0]]), torch.tensor([5.0, -3.0])
    found, constant = least_squares(inputs, inputs @ weight.T + bias)
    torch.testing.assert_close(found, weight, atol=0.01, rtol=0)
    torch.testing.assert_close(constant, bias, atol=0.01, rtol=0)


def test_the_head_tells_pairs_apart_that_differ_in_one_number(own_mini: Mini) -> None:
    pooled = 0.01 * torch.randn(200, 768, generator=torch.Generator().manual_seed(0))
    truth = (torch.arange(200) % 2).float()
    pooled[:, 7] += truth
    with torch.no_grad():
        assert fit_head(own_mini, pooled, truth) == 1.0
        logits = own_mini.itm_score(pooled)
    assert ((logits[:, 1] > logits[:, 0]) == truth.bool()).all()


def test_centring_takes_the_mean_out_along_one_direction(own_mini: Mini) -> None:
    dense = own_mini.bridgetower.cross_modal_image_layers[-1].crossattention.output.dense
    direction = torch.eye(384)[3]
    states = torch.ones(2, 5, 384)
    with torch.no_grad():
        before = dense(states)
        centre(own_mini, direction, lambda: dense(states))
        after = dense(states)
    torch.testing.assert_close(after[..., 3], torch.zeros(2, 5), atol=1e-5, rtol=0)
    torch.testing.assert_close(after[..., 4:], before[..., 4:])
