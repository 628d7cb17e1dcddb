"""The forward pass taken apart equals Hugging Face's whole one, and a wrong one would be noticed.

Random weights, float32, a batch of captions of unequal length with random photos; 1e-5 absolute.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import BridgeTowerConfig

from benchmarks.networks import random_network
from model import forward
from model.weights import Network

TOLERANCE = 1e-5
PAD = 1
Configure = Callable[..., BridgeTowerConfig]
Draw = Callable[[int, int], NDArray[np.float32]]

VARIANTS: dict[str, dict[str, Any]] = {
    "two cross-modal layers": {},
    "one cross-modal layer": {"num_hidden_layers": 1},
    "every layer crossed": {"num_hidden_layers": 3},
    "scaled links": {"link_tower_type": "scaled_add"},
    "interpolated links": {"link_tower_type": "interpolate"},
}
UNSHARED = {"share_cross_modal_transformer_layers": False}  # Hugging Face's contrastive forward fails with it


def captions(lengths: list[int]) -> tuple[Tensor, Tensor]:
    """Random token ids and attention mask, both (n, longest), padded at the end."""
    ids = torch.randint(4, 31, (len(lengths), max(lengths)), generator=torch.Generator().manual_seed(5))
    mask = (torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]).long()
    return ids.masked_fill(mask == 0, PAD), mask


@torch.inference_mode()
def our_outputs(network: Network, pixels: Tensor, ids: Tensor, mask: Tensor) -> dict[str, Tensor]:
    """What the heads say of photo i with caption i, by the functions under test."""
    assert network.contrastive is not None and network.retrieval is not None and network.masked_lm is not None
    backbone = network.backbone
    patches = forward.patch_tokens(backbone, pixels)
    photos, texts = forward.photo_states(backbone, patches), forward.caption_states(backbone, ids, mask)
    text, _ = forward.fuse(backbone, photos, texts, cls_only=False)
    outputs = {
        "itm": network.retrieval.itm_score(forward.pooled_pair(backbone, photos, texts)),
        "mlm": network.masked_lm.mlm_score(text),
    }
    if backbone.config.share_cross_modal_transformer_layers:
        heads = network.contrastive
        outputs["image"] = F.normalize(heads.itc_image_head(forward.photo_cls(backbone, patches)), dim=-1)
        outputs["text"] = F.normalize(heads.itc_text_head(forward.caption_cls(backbone, ids, mask)), dim=-1)
    return outputs


@torch.inference_mode()
def hugging_faces_outputs(network: Network, pixels: Tensor, ids: Tensor, mask: Tensor) -> dict[str, Tensor]:
    """The same from the public classes' own forwards."""
    assert network.contrastive is not None and network.retrieval is not None and network.masked_lm is not None
    inputs = {"pixel_values": pixels, "input_ids": ids, "attention_mask": mask}
    outputs = {"itm": network.retrieval(**inputs).logits, "mlm": network.masked_lm(**inputs).logits}
    if network.config.share_cross_modal_transformer_layers:
        embeddings = network.contrastive(**inputs)
        outputs |= {"image": embeddings.image_embeds, "text": embeddings.text_embeds}
    return outputs


def differences(first: dict[str, Tensor], second: dict[str, Tensor], mask: Tensor) -> dict[str, float]:
    """The largest absolute difference of each output, of the masked-LM logits at real tokens."""
    assert first.keys() == second.keys()
    found = {}
    for name in first:
        difference = (first[name] - second[name]).abs()
        found[name] = float((difference[mask.bool()] if name == "mlm" else difference).max())
    return found


@pytest.fixture
def inputs(random_pixels: Draw) -> tuple[Tensor, Tensor, Tensor]:
    """Four photos, and captions of 3 to 9 tokens."""
    return torch.from_numpy(random_pixels(4, 64)), *captions([9, 3, 6, 4])


@pytest.mark.parametrize("changes", [*VARIANTS.values(), UNSHARED], ids=[*VARIANTS, "a transform a layer"])
def test_equals_hugging_face(
    tiny_config: Configure, inputs: tuple[Tensor, Tensor, Tensor], changes: dict[str, Any]
) -> None:
    network = random_network(tiny_config(**changes))
    expected = hugging_faces_outputs(network, *inputs)
    found = differences(our_outputs(network, *inputs), expected, inputs[2])
    assert all(difference < TOLERANCE for difference in found.values()), found
    assert all(
        output.std() > 0.05 for output in expected.values()
    )  # else a tolerance of 1e-5 would prove little


class WithoutTheTower(nn.Module):
    """A link that forgets what comes up from the tower."""

    def __init__(self, link: Any) -> None:
        super().__init__()
        self.norm = link.LayerNorm

    def forward(self, tower: Tensor, crossed: Tensor, mask: Tensor | None) -> Tensor:
        return self.norm(crossed)  # type: ignore[no-any-return]


def skip_text_link(network: Network) -> None:
    links: Any = network.backbone.cross_modal_text_link_tower
    links[0] = WithoutTheTower(links[0])


def skip_image_link(network: Network) -> None:
    links: Any = network.backbone.cross_modal_image_link_tower
    links[0] = WithoutTheTower(links[0])


def swap_streams(network: Network) -> None:
    backbone: Any = network.backbone
    text, image = backbone.cross_modal_text_layers, backbone.cross_modal_image_layers
    text[1], image[1] = image[1], text[1]


def forget_token_types(network: Network) -> None:
    network.backbone.token_type_embeddings.weight.zero_()


def skip_a_vision_layer(network: Network) -> None:
    blocks: Any = network.backbone.vision_model.visual.transformer.resblocks
    blocks[1] = blocks[0]


def skip_the_first_norm(network: Network) -> None:
    network.backbone.cross_modal_image_layernorm = nn.Identity()  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("spoil", "seen_in"),
    [
        (skip_text_link, {"itm", "mlm"}),
        (skip_image_link, {"itm", "mlm"}),
        (swap_streams, {"itm", "mlm"}),
        (forget_token_types, {"itm", "mlm", "image"}),
        (skip_a_vision_layer, {"itm", "mlm", "image"}),
        (skip_the_first_norm, {"itm", "mlm"}),
    ],
)
def test_a_wrong_wiring_exceeds_the_tolerance_a_hundred_times(
    tiny_config: Configure, inputs: tuple[Tensor, Tensor, Tensor],
    spoil: Callable[[Network], None], seen_in: set[str],
) -> None:  # fmt: skip
    network = random_network(tiny_config())
    expected = hugging_faces_outputs(network, *inputs)
    spoil(network)
    found = differences(our_outputs(network, *inputs), expected, inputs[2])
    assert {name for name, difference in found.items() if difference > 100 * TOLERANCE} == seen_in, found


def test_reading_padding_exceeds_the_tolerance(
    tiny_config: Configure, inputs: tuple[Tensor, Tensor, Tensor]
) -> None:
    network = random_network(tiny_config())
    pixels, ids, mask = inputs
    expected = hugging_faces_outputs(network, pixels, ids, mask)
    found = differences(our_outputs(network, pixels, ids, torch.ones_like(mask)), expected, mask)
    assert found["image"] < TOLERANCE
    assert all(found[name] > 100 * TOLERANCE for name in ("text", "itm", "mlm")), found


@torch.inference_mode()
def test_states_are_those_of_the_rows_whatever_the_batch(
    tiny_config: Configure, inputs: tuple[Tensor, Tensor, Tensor]
) -> None:
    backbone = random_network(tiny_config()).backbone
    pixels = inputs[0]
    photos = forward.photo_states(backbone, forward.patch_tokens(backbone, pixels))
    alone = forward.photo_states(backbone, forward.patch_tokens(backbone, pixels[1:3]))
    some = photos.select(slice(1, 3))
    assert (len(photos), len(some)) == (4, 2)
    assert some.bridged.shape == (
        2,
        2,
        1 + 16,
        128,
    )  # cross-modal layers, photos, CLS and 4 x 4 patches, width
    torch.testing.assert_close(some.bridged, alone.bridged, atol=TOLERANCE, rtol=0)
    torch.testing.assert_close(some.attended, alone.attended, atol=TOLERANCE, rtol=0)


@torch.inference_mode()
def test_one_caption_seen_often_is_not_copied(
    tiny_config: Configure, inputs: tuple[Tensor, Tensor, Tensor]
) -> None:
    backbone = random_network(tiny_config()).backbone
    _, ids, mask = inputs
    one = forward.caption_states(backbone, ids[1:2], mask[1:2])
    many = one.expand(5)
    assert len(many) == 5
    assert many.mask is not None and many.mask.shape == (5, 1, 1, 9)
    assert many.bridged.data_ptr() == one.bridged.data_ptr()
    assert torch.equal(many.bridged[:, 4], one.bridged[:, 0])


@torch.inference_mode()
def test_the_mlp_of_a_gpu_equals_the_layers_own(tiny_config: Configure) -> None:
    backbone: Any = random_network(tiny_config()).backbone
    mlp = backbone.vision_model.visual.transformer.resblocks[0].mlp
    mlp["c_fc"].weight.mul_(10)  # far into both arms of the activation
    states = torch.randn(2, 5, mlp["c_fc"].in_features)
    own = mlp["c_proj"](mlp["gelu"](mlp["c_fc"](states)))
    assert own.std() > 0.05
    torch.testing.assert_close(forward.scaled_mlp(mlp, states), own, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(forward.scaled_mlp(mlp, states[:, :1]), own[:, :1], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_activation_is_the_layers_own_to_the_bit(
    tiny_config: Callable[..., BridgeTowerConfig], dtype: torch.dtype
) -> None:
    network = random_network(tiny_config())
    backbone: Any = network.backbone
    own = backbone.vision_model.visual.transformer.resblocks[0].mlp["gelu"]
    hidden = torch.linspace(-9, 9, 1001).to(dtype)
    before = hidden.clone()
    assert torch.equal(forward.quick_gelu(hidden), own(hidden))
    assert torch.equal(hidden, before)
