"""Taking projections through the few tokens gives what applying them to the many gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import BridgeTowerConfig

from benchmarks.networks import random_network
from model.attention import attend, bert_attention, few_to_many, folding_pays, many_to_few

FEW, MANY, WIDTH = 3, 40, 128


@pytest.fixture(scope="module")
def cross(tiny_config: Callable[..., BridgeTowerConfig]) -> Any:
    """A cross-attention block of 4 heads whose biases are not zero."""
    return random_network(tiny_config()).backbone.cross_modal_text_layers[0].crossattention


def tokens(n: int, count: int) -> Tensor:
    return torch.randn(n, count, WIDTH, generator=torch.Generator().manual_seed(count))


def mixed(module: Any, hidden: Tensor, context: Tensor, mask: Tensor | None) -> Tensor:
    """Attention as it is written down, every token projected."""
    inner = module.self
    return attend(inner.query(hidden), inner.key(context), inner.value(context), 4, mask, 0.0)


@torch.inference_mode()
@pytest.mark.parametrize(
    "mask", [None, torch.linspace(-2, 2, MANY).expand(5, 1, 1, MANY)], ids=["no", "added"]
)
def test_few_to_many(cross: Any, mask: Tensor | None) -> None:
    few, many = tokens(5, FEW), tokens(5, MANY)
    found = few_to_many(cross.self, few, many, mask)
    torch.testing.assert_close(found, mixed(cross, few, many, mask), atol=1e-5, rtol=0)


@torch.inference_mode()
@pytest.mark.parametrize(
    "mask", [None, torch.tensor([True, True, False])[None, None, None]], ids=["no", "bool"]
)
def test_many_to_few(cross: Any, mask: Tensor | None) -> None:
    many, few = tokens(5, MANY), tokens(5, FEW)
    expected = cross.output.dense(mixed(cross, many, few, mask))
    torch.testing.assert_close(many_to_few(cross, many, few, mask), expected, atol=1e-5, rtol=0)


@torch.inference_mode()
@pytest.mark.parametrize("few", [FEW, MANY], ids=["folded", "plain"])
def test_one_caption_for_all_photos_is_that_caption_for_each(cross: Any, few: int) -> None:
    many, one = tokens(5, MANY), tokens(1, few)
    each = one.expand(5, -1, -1)
    few_each, many_one = each[:, :2] + many[:, :2], many[:1]
    for shared, apart in (
        ((many, one), (many, each)),
        ((one, many), (each, many)),
        ((few_each, many_one), (few_each, many_one.expand(5, -1, -1))),
    ):
        found = bert_attention(cross, *shared, None)
        torch.testing.assert_close(found, bert_attention(cross, *apart, None), atol=1e-5, rtol=0)


def test_folding_pays_where_few_are_few(cross: Any) -> None:
    # 4 heads in a width of 128: 3 tokens cost 3 + 40 x 3 x 4 / 128 = 6.75 of 40 projections, 20 cost 45.
    assert folding_pays(3, 40, cross.self)
    assert not folding_pays(20, 40, cross.self)
    assert not folding_pays(40, 3, cross.self)
