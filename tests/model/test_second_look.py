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


def test_a_view_is_the_middle_mirrored_and_as_large_as_the_photo() -> None:
    photo = torch.full((1, 3, 8, 8), 9.0)  # margins of 9
    photo[..., 2:6, 2:4], photo[..., 2:6, 4:6] = 4, 8  # and between them 4 at the left, 8 at the right
    found = view(photo, 0.5)
    assert found.shape == photo.shape
    assert found[..., 0].mean() == pytest.approx(8, abs=0.2)  # bicubic overshoots a little at an edge
    assert found[..., -1].mean() == pytest.approx(4, abs=0.2)
    torch.testing.assert_close(found + found.flip(-1), torch.full_like(found, 12))  # 4 and 8 change places


def test_a_view_of_all_is_the_mirrored_photo() -> None:
    photo = torch.arange(48.0).view(1, 3, 4, 4)
    assert torch.equal(view(photo, 1.0), photo.flip(-1))


def test_the_states_embed_as_the_view_does(
    tmp_path: Path, write_checkpoint: Callable[..., Path], tiny_config: Callable[..., BridgeTowerConfig]
) -> None:
    torch.manual_seed(0)
    folder = write_checkpoint(tmp_path, random_network(tiny_config()))
    rerank = {"look_share": 0.75, "look_weight": 0.5}
    (folder / "bridgelens.json").write_text(json.dumps({"rerank": rerank}))
    model = BridgeTower.load(str(folder), device="cpu")
    side = model.network.config.vision_config.image_size
    photos = torch.randn(3, 3, side, side)
    states = model.look_again(photos.numpy())
    assert model.look_weight == 0.5
    np.testing.assert_allclose(
        model.look_embeddings(states), model.embed_images(view(photos, 0.75).numpy()), atol=1e-5
    )
    assert np.abs(model.look_embeddings(states) - model.embed_images(photos.numpy())).max() > 1e-3


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
    for share in (0, 1.5, "half"):
        (tmp_path / "bridgelens.json").write_text(json.dumps({"rerank": {"look_share": share}}))
        with pytest.raises(CheckpointInvalid, match="look_share"):
            read_settings(tmp_path)
