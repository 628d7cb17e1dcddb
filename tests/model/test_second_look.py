"""The second view of a photo, and its embedding by the states that a re-rank keeps of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BridgeTowerConfig

from benchmarks.networks import random_network
from model.bridgetower import BridgeTower
from model.errors import CheckpointInvalid
from model.second_look import is_possible, view
from model.settings import read_settings


@pytest.mark.parametrize("form", ["pixels", "crops"])
def test_a_view_is_the_middle_mirrored_and_as_large_as_the_photo(form: str) -> None:
    crops = np.full((1, 8, 8, 3), 90, np.uint8)  # margins of 90
    crops[:, 2:6, 2:4], crops[:, 2:6, 4:6] = 40, 80  # and between them 40 at the left, 80 at the right
    photos = crops if form == "crops" else crops.transpose(0, 3, 1, 2).astype(np.float32)
    seen = view(photos, 0.5)
    assert (seen.shape, seen.dtype) == (photos.shape, photos.dtype)
    columns = (seen if form == "crops" else seen.transpose(0, 2, 3, 1))[0, :, :, 1].astype(float)
    assert columns[:, 0] == pytest.approx(80, abs=2)  # bicubic overshoots a little at an edge
    assert columns[:, -1] == pytest.approx(40, abs=2)
    assert columns + columns[:, ::-1] == pytest.approx(np.full((8, 8), 120.0), abs=1)  # they change places


def test_a_view_of_all_is_the_mirrored_photo() -> None:
    photo = np.arange(48, dtype=np.uint8).reshape(1, 4, 4, 3)
    np.testing.assert_array_equal(view(photo, 1.0), photo[:, :, ::-1])


def test_the_states_embed_as_the_view_does(
    tmp_path: Path, write_checkpoint: Callable[..., Path], tiny_config: Callable[..., BridgeTowerConfig]
) -> None:
    torch.manual_seed(0)
    folder = write_checkpoint(tmp_path, random_network(tiny_config()))
    rerank = {"look_share": 0.75, "look_weight": 0.5}
    (folder / "bridgelens.json").write_text(json.dumps({"rerank": rerank}))
    model = BridgeTower.load(str(folder), device="cpu")
    side = model.network.config.vision_config.image_size
    photos = np.random.default_rng(0).standard_normal((3, 3, side, side), dtype=np.float32)
    states = model.look_again(photos)
    assert model.look_weight == 0.5
    np.testing.assert_allclose(
        model.look_embeddings(states), model.embed_images(view(photos, 0.75)), atol=1e-5
    )
    assert np.abs(model.look_embeddings(states) - model.embed_images(photos)).max() > 1e-3


def test_bytes_and_pixels_are_seen_alike_in_any_precision() -> None:
    crops = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)
    mini = BridgeTower.load("mini", device="cpu")
    pixels = np.stack(
        [mini.preprocessor.levels[channel][crops[..., channel]] for channel in range(3)], axis=1
    )
    by_bytes, by_pixels = (mini.look_embeddings(mini.look_again(photos)) for photos in (crops, pixels))
    assert (by_bytes * by_pixels).sum(1).min() > 0.99  # bytes are rounded and clipped after the view is made
    halved = BridgeTower.load("mini", device="cpu", precision="bfloat16")
    in_half = halved.look_embeddings(halved.look_again(crops))
    assert (by_bytes * in_half).sum(1).min() > 0.99


@pytest.mark.parametrize(
    ("change", "possible"),
    [
        ({}, True),
        ({"num_hidden_layers": 1}, False),  # its one layer's norm stands between
        ({"share_cross_modal_transformer_layers": False}, False),
    ],
)
def test_some_shapes_keep_no_embedding(
    tiny_config: Callable[..., BridgeTowerConfig], change: dict[str, object], possible: bool
) -> None:
    assert is_possible(random_network(tiny_config(**change))) == possible


def test_a_share_that_sees_nothing_is_refused(tmp_path: Path) -> None:
    for share in (0, 0.05, 1.5, "half"):
        (tmp_path / "bridgelens.json").write_text(json.dumps({"rerank": {"look_share": share}}))
        with pytest.raises(CheckpointInvalid, match="look_share"):
            read_settings(tmp_path)
