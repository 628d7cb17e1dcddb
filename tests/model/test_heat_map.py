"""What a patch adds to a match is a derivative, checked by moving the patch a little."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from model import forward
from model.bridgetower import BridgeTower
from model.errors import HeadMissing
from model.heat_map import as_grid, patch_evidence
from model.weights import Network

Draw = Callable[[int, int], NDArray[np.float32]]


@pytest.fixture(scope="module")
def model(tiny_folder: Path) -> BridgeTower:
    return BridgeTower.load(str(tiny_folder), device="cpu", dtype=torch.float64)


def log_odds(network: Network, states: Tensor, caption: forward.TowerStates) -> float:
    assert network.retrieval is not None
    photos = forward.photo_states(network.backbone, states)
    logits = network.retrieval.itm_score(forward.pooled_pair(network.backbone, photos, caption))
    return float(logits[0, 1] - logits[0, 0])


def test_log_odds_rise_by_the_evidence_when_a_patch_moves_from_the_average(
    model: BridgeTower, random_pixels: Draw
) -> None:
    network = model.network
    with torch.no_grad():
        pixels = torch.from_numpy(random_pixels(1, 64)).double()
        states = forward.patch_tokens(network.backbone, pixels)
        caption = forward.caption_states(network.backbone, *model._tokens(["a dog"]))
        average = states[:, 1:].mean(dim=1)
        for patch in (0, 7, 15):
            step = torch.zeros_like(states)
            step[:, 1 + patch] = 1e-4 * (states[:, 1 + patch] - average)
            rise = log_odds(network, states + step, caption) - log_odds(network, states - step, caption)
            found = float(patch_evidence(network, states, caption)[0, patch])
            assert found == pytest.approx(rise / 2e-4, rel=1e-3)


def test_what_speaks_against_the_caption_is_left_out() -> None:
    grid = as_grid(torch.tensor([3.0, -2.0, 0.0, 1.0]))
    assert grid.tolist() == [[0.75, 0.0], [0.0, 0.25]]
    assert as_grid(torch.tensor([-1.0, -2.0, 0.0, -3.0])).tolist() == [[0, 0], [0, 0]]


def test_a_map_has_a_number_a_patch_and_adds_up_to_one(model: BridgeTower, random_pixels: Draw) -> None:
    found = model.heat_map(random_pixels(1, 64)[0], "a dog")
    assert found.dtype == np.float32
    assert found.shape == (4, 4)
    assert found.min() >= 0
    assert found.sum() == pytest.approx(1, abs=1e-6)


def test_a_checkpoint_with_a_stem_has_the_stems_patches(
    stem_checkpoint: Path, stem_pixels: NDArray[np.float32]
) -> None:
    stemmed = BridgeTower.load(str(stem_checkpoint), device="cpu")
    assert stemmed.heat_map(stem_pixels[0], "a dog").shape == (4, 4)


def test_without_the_head_there_is_no_map(
    model: BridgeTower, random_pixels: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BridgeTower, "can_match", False)
    with pytest.raises(HeadMissing, match="image-text-matching"):
        model.heat_map(random_pixels(1, 64)[0], "a dog")
