"""Products with a layer's weights: torch's numbers, by whichever way this CPU is quickest at."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from transformers import BridgeTowerTextConfig
from transformers.models.bridgetower.modeling_bridgetower import BridgeTowerBertCrossLayer

from model import products
from model.products import bert_mlp, by_onednn, in_one_pass, linear, product


@pytest.fixture(params=["torch's", "oneDNN's"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways on any CPU: oneDNN multiplies without AVX512 too, only more slowly."""
    monkeypatch.setattr(products, "_has_avx512", lambda: request.param == "oneDNN's")
    return str(request.param)


def cross_layer(activation: str = "gelu", dropout: float = 0.1) -> Any:
    torch.manual_seed(0)
    config = BridgeTowerTextConfig(
        hidden_size=32,
        num_attention_heads=2,
        intermediate_size=64,
        hidden_act=activation,
        hidden_dropout_prob=dropout,
    )
    return BridgeTowerBertCrossLayer(config).eval()


def test_a_product_worked_out_by_hand(way: str) -> None:
    weight, bias = torch.tensor([[1.0, 2.0], [3.0, 4.0], [0.0, -1.0]]), torch.tensor([0.5, 0.0, 1.0])
    states = torch.tensor([[[1.0, 10.0]], [[-1.0, 1.0]]])
    with torch.inference_mode():
        assert by_onednn(states) == (way == "oneDNN's")
        found = product(states, weight, bias)
        activated = product(torch.zeros(1, 2), weight, torch.tensor([0.0, 1.0, -1.0]), gelu=True)
    assert found.tolist() == [[[21.5, 43.0, -9.0]], [[1.5, 1.0, 0.0]]]
    # GELU is x times the normal distribution up to x: 0, 0.8413 and -0.1587
    assert activated[0].tolist() == pytest.approx([0.0, 0.8413, -0.1587], abs=1e-4)


def test_slices_and_shared_states_multiply_like_any(way: str) -> None:
    torch.manual_seed(0)
    layer, states = nn.Linear(8, 4), torch.randn(3, 5, 8)
    with torch.inference_mode():
        for given in (states[:, :1], states[:1].expand(4, 5, 8), states.transpose(0, 1)):
            torch.testing.assert_close(linear(layer, given), layer(given))
        half = product(states, layer.weight[2:], layer.bias[2:])
        torch.testing.assert_close(half, layer(states)[..., 2:])


@pytest.mark.parametrize("activation", ["gelu", "relu"])
def test_the_mlp_is_hugging_faces(way: str, activation: str) -> None:
    layer, states = cross_layer(activation), torch.randn(2, 7, 32)
    with torch.inference_mode():
        torch.testing.assert_close(
            bert_mlp(layer, states), layer.feed_forward_chunk(states), atol=1e-5, rtol=1e-5
        )


def test_dropout_is_left_to_hugging_face_in_training(way: str) -> None:
    layer, states = cross_layer(dropout=1.0).train(), torch.randn(2, 7, 32)
    with torch.no_grad():
        dropped = layer.output.LayerNorm(states)  # all of the MLP is dropped; the residual is left
        torch.testing.assert_close(bert_mlp(layer, states), dropped)


def test_gradients_need_torchs_own_way(way: str) -> None:
    layer, states = cross_layer(), torch.randn(2, 7, 32)
    assert not in_one_pass(states)
    assert not by_onednn(states)
    bert_mlp(layer, states).sum().backward()
    assert layer.intermediate.dense.weight.grad is not None


def test_within_autocast_torch_chooses_the_precision(way: str) -> None:
    layer, states = nn.Linear(8, 4), torch.randn(3, 8)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        assert linear(layer, states).dtype == torch.bfloat16
        assert linear(layer, states.bfloat16()).dtype == torch.bfloat16


def test_only_a_cpus_own_precisions_go_to_onednn() -> None:
    with torch.inference_mode():
        assert not in_one_pass(torch.zeros(1, dtype=torch.float64))
        assert not in_one_pass(torch.zeros(1, dtype=torch.float16))
        assert not in_one_pass(torch.zeros(1, device="meta"))
