"""The convolutional stem: padding, shapes, and the way into an otherwise ordinary checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from transformers import BridgeTowerForContrastiveLearning, BridgeTowerForImageAndTextRetrieval

from model.bridgetower import BridgeTower
from model.errors import CheckpointInvalid
from model.stem import AT_ONCE, ConvolutionalStem, InvertedBottleneck, SameConv


def test_the_odd_pixel_of_padding_goes_right_and_below() -> None:
    convolution = SameConv(1, 1, kernel=3, stride=2)
    nn.init.ones_(convolution.weight)
    assert convolution.bias is not None
    nn.init.zeros_(convolution.bias)
    ones = torch.ones(1, 1, 4, 4)
    # Stride 2 on 4 pixels: the windows begin at 0 and 2, so only the second meets one pixel of padding.
    assert convolution(ones)[0, 0].tolist() == [[9.0, 6.0], [6.0, 4.0]]


def test_an_odd_side_is_padded_on_both_ends() -> None:
    convolution = SameConv(1, 1, kernel=3, stride=2)
    nn.init.ones_(convolution.weight)
    assert convolution.bias is not None
    nn.init.zeros_(convolution.bias)
    assert convolution(torch.ones(1, 1, 5, 5))[0, 0, 0].tolist() == [4.0, 6.0, 4.0]


@pytest.mark.parametrize(("stride", "out", "added"), [(1, 8, True), (1, 12, False), (2, 8, False)])
def test_a_bottleneck_adds_its_input_only_where_shapes_agree(stride: int, out: int, added: bool) -> None:
    block = InvertedBottleneck(8, out, expand=2, kernel=3, stride=stride)
    for parameter in block.parameters():
        nn.init.zeros_(parameter)
    states = torch.ones(1, 8, 6, 6)
    assert block(states).unique().tolist() == [1.0 if added else 0.0]


def test_pixels_become_one_token_a_patch() -> None:
    shape = {"first": 4, "blocks": [[1, 8, 1, 2, 3], [2, 8, 2, 2, 5]], "last": 16, "hidden": 10}
    stem = ConvolutionalStem(shape)
    assert stem(torch.zeros(2, 3, 32, 32)).shape == (2, 4 * 4, 10)  # three strides of 2: 32 becomes 4


@pytest.mark.parametrize("side", [64, 61])
def test_convolving_and_clipping_in_one_pass_changes_nothing(side: int) -> None:
    torch.manual_seed(0)
    shape = {"first": 4, "blocks": [[1, 8, 1, 2, 3], [2, 8, 2, 2, 5]], "last": 16, "hidden": 10}
    stem = ConvolutionalStem(shape)
    photos = 9 * torch.randn(2 * AT_ONCE + 1, 3, side, side)  # far beyond 6 in places, and in three slices
    with torch.no_grad():
        in_one_pass = stem(photos)
    in_two = stem(photos)  # with gradients the passes are apart
    assert in_two.requires_grad and not in_one_pass.requires_grad
    torch.testing.assert_close(in_one_pass, in_two.detach(), atol=1e-4, rtol=1e-4)


def test_the_last_blocks_go_on_where_the_first_end() -> None:
    shape = {
        "first": 4,
        "blocks": [[1, 8, 1, 2, 3], [2, 8, 2, 2, 5], [2, 8, 1, 1, 3]],
        "last": 16,
        "hidden": 10,
    }
    stem = ConvolutionalStem(shape)
    assert stem.last_stride == 1  # the second of four blocks
    early = stem.early(torch.rand(1, 3, 64, 64))
    assert early.shape == (1, 8, 16, 16)  # twice the 8 x 8 patches
    assert stem.late(early).shape == (1, 64, 16)


def test_hugging_face_gives_the_same_from_the_stems_states(stem_checkpoint: Path, stem_pixels: Any) -> None:
    model = BridgeTower.load(str(stem_checkpoint), device="cpu")
    states = model.first_states(stem_pixels)
    words = model.tokenizer(["a dog", "a cat on a dog"], padding=True, return_tensors="pt")
    captions = ["a dog", "a cat on a dog"]
    with torch.inference_mode():
        theirs = BridgeTowerForContrastiveLearning.from_pretrained(
            stem_checkpoint, dtype=torch.float32
        ).eval()(**words, image_embeds=states)
        matching = BridgeTowerForImageAndTextRetrieval.from_pretrained(stem_checkpoint, dtype=torch.float32)
        logits = matching.eval()(**words, image_embeds=states).logits
    np.testing.assert_allclose(model.embed_images(stem_pixels), theirs.image_embeds.numpy(), atol=1e-5)
    ours = np.diagonal(model.match(stem_pixels, captions))
    np.testing.assert_allclose(ours, logits.softmax(-1)[:, 1].numpy(), atol=1e-5)


def test_a_stem_that_is_not_described_right_is_refused(stem_checkpoint: Path) -> None:
    config = stem_checkpoint / "config.json"
    config.write_text(config.read_text(encoding="utf-8").replace('"blocks"', '"rows"'), encoding="utf-8")
    with pytest.raises(CheckpointInvalid, match="convolutional_stem"):
        BridgeTower.load(str(stem_checkpoint), device="cpu")


def test_in_bfloat16_the_tokens_are_close_to_those_in_float32() -> None:
    mini = BridgeTower.load("mini")
    rough = BridgeTower.load("mini", precision="bfloat16")
    pixels = np.random.default_rng(0).standard_normal((5, 3, 224, 224), dtype=np.float32)
    cosine = (mini.embed_images(pixels) * rough.embed_images(pixels)).sum(axis=1)
    assert cosine.min() > 0.99
    assert rough.dtype == torch.bfloat16
