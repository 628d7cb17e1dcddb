"""The vision stage: principal axes, batches by their seed, patches left out, and what its loss measures."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from training.heads import contrastive_loss
from training.mini import DIM, Mini
from training.vision import (
    draw_features,
    embed_photos,
    embed_states,
    principal_axes,
    ranking_divergence,
    states_of_features,
    vision_loss,
)


def test_axes_follow_what_varies_most() -> None:
    # Places alternate between 5 and 1 in channel 1, between 2 and 4 (in pairs) in channel 2; channel 0 is 7.
    places = np.arange(48)
    features = np.full((8, 48, 3), 7, dtype=np.float16)
    as_it_is: Any = SimpleNamespace(stem=SimpleNamespace(late=lambda states: states))
    features[:, :, 1] = np.where(places % 2, 5, 1)
    features[:, :, 2] = np.where(places % 4 < 2, 2, 4)
    mean, axes, _ = principal_axes(as_it_is, features, dims=2)
    assert mean.tolist() == pytest.approx([7, 3, 3])
    assert axes.abs().T.tolist() == [pytest.approx([0, 1, 0]), pytest.approx([0, 0, 1])]


def test_a_batch_is_what_its_rows_and_views_name(feature_maps: NDArray[np.float16]) -> None:
    features = [feature_maps, feature_maps + np.float16(1)]
    views, rows, maps = draw_features(features, batch=4, seed=5)
    assert sorted(rows.tolist()) == [0, 1, 2, 3]  # no photo twice
    for view, row, drawn in zip(views.tolist(), rows.tolist(), maps, strict=True):
        assert np.array_equal(drawn.numpy(), features[view][row].astype(np.float32))
    again = draw_features(features, batch=4, seed=5)
    assert torch.equal(again[0], views) and torch.equal(again[1], rows)


@torch.inference_mode()
def test_patches_are_left_out_and_the_cls_token_never(mini: Mini, feature_maps: NDArray[np.float16]) -> None:
    maps = torch.from_numpy(feature_maps.astype(np.float32))
    whole, some = states_of_features(mini, maps), states_of_features(mini, maps, kept=25)
    assert whole.shape[1] == 50 and some.shape[1] == 26
    assert torch.equal(some[:, 0], whole[:, 0])
    for photo in range(len(maps)):
        equal = (some[photo, 1:, None] == whole[photo, None, 1:]).all(-1)  # (25, 49)
        assert equal.sum(1).tolist() == [1] * 25  # each is one of the patches
        assert equal.sum(0).max() == 1  # and none is taken twice


def test_the_same_ranking_has_no_divergence() -> None:
    others, student = torch.eye(3), F.normalize(torch.rand(4, 3), dim=-1)
    assert ranking_divergence(student, student, others).item() == pytest.approx(0, abs=1e-6)


def test_the_opposite_ranking_diverges_by_hand() -> None:
    # Softmax of 15 and 0 against softmax of 0 and 15: the log-odds differ by 30, weighed by p - 1/2.
    share = 1 / (1 + math.exp(-15))
    loss = ranking_divergence(torch.eye(2)[[1]], torch.eye(2)[[0]], torch.eye(2))
    assert loss.item() == pytest.approx(30 * (share - 0.5), rel=1e-4)


@torch.inference_mode()
def test_a_student_that_agrees_with_the_teacher_is_judged_by_the_captions_alone(
    mini: Mini, feature_maps: NDArray[np.float16]
) -> None:
    maps = torch.from_numpy(feature_maps[:2].astype(np.float32))
    photos = embed_states(mini, states_of_features(mini, maps))
    captions = F.normalize(torch.randn(4, DIM), dim=-1)
    same = torch.tensor([[True, True, False, False], [False, False, True, True]])
    hard = contrastive_loss(photos, captions, same, torch.tensor(3.0))
    loss = vision_loss(mini, maps, photos, torch.randn(7, DIM), captions, kept=None)
    assert loss.item() == pytest.approx(hard.item(), abs=1e-4)


def test_photos_embed_to_unit_length_each_in_its_row(mini: Mini, feature_maps: NDArray[np.float16]) -> None:
    embedded = embed_photos(mini, feature_maps)
    assert embedded.shape == (4, DIM)
    assert embedded.norm(dim=1).tolist() == pytest.approx([1] * 4, abs=1e-5)
    torch.testing.assert_close(embed_photos(mini, feature_maps[2:3])[0], embedded[2], atol=1e-5, rtol=0)
