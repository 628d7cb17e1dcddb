"""Random networks: where they are drawn, and their copy in another precision."""

from __future__ import annotations

import torch

from benchmarks.networks import bridgetower_around, config_of, copy_of, random_network
from model.weights import Network


def tensors(network: Network) -> list[torch.Tensor]:
    kinds = [network.contrastive, network.retrieval, network.masked_lm]
    modules = [kind for kind in kinds if kind is not None]
    assert len(modules) == 3
    return [each for kind in modules for each in (*kind.parameters(), *kind.buffers())]


def test_all_of_a_network_is_drawn_on_its_device() -> None:
    network = random_network(config_of("mini"), device="meta")
    assert {each.device.type for each in tensors(network)} == {"meta"}


def test_a_copy_in_bfloat16_shares_its_backbone_and_leaves_the_first_alone() -> None:
    network = random_network(config_of("mini"))
    low = copy_of(network, torch.bfloat16)
    assert low.contrastive is not None and low.retrieval is not None
    assert low.backbone is low.contrastive.bridgetower is low.retrieval.bridgetower
    assert {each.dtype for each in tensors(low) if each.is_floating_point()} == {torch.bfloat16}
    for ours, theirs in zip(tensors(low), tensors(network), strict=True):
        assert not theirs.is_floating_point() or theirs.dtype == torch.float32
        assert torch.equal(ours, theirs.to(ours.dtype))


def test_our_model_is_where_the_network_is() -> None:
    model = bridgetower_around(random_network(config_of("mini")))
    assert (model.device, model.dtype) == ("cpu", torch.float32)
