"""The ensemble of photo teachers: what is pooled, and heads that learn pairs which can be learned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training import ensemble
from training.journal import Journal
from training.teacher import TeacherHeads
from training.views import MEAN, STD


class Eyes(nn.Module):
    """A photo teacher whose last feature map is its pixels, in quarters."""

    def extract_features(self, pixels: Tensor) -> Tensor:
        return F.avg_pool2d(pixels.float(), pixels.shape[2] // 2)


@pytest.fixture(autouse=True)
def sides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensemble, "SIDES", (4, 8))


def test_mean_and_maximum_of_each_network_side_by_side() -> None:
    pixels = torch.zeros(1, 3, 4, 4, dtype=torch.uint8)
    pixels[0, 0], pixels[0, 1, :2], pixels[0, 2, :2, :2] = 255, 255, 255  # red all over, green above, ...
    pooled = ensemble.pooled_features([Eyes(), Eyes()], pixels, view=0)
    assert pooled.shape == (1, 2 * 2 * 3)
    assert pooled.dtype == torch.float16
    light, dark = (
        (torch.tensor(value) - torch.from_numpy(MEAN)) / torch.from_numpy(STD) for value in (1.0, 0.0)
    )
    mean = torch.stack([light[0], (light[1] + dark[1]) / 2, light[2] / 4 + dark[2] * 3 / 4])
    assert pooled[0, :3].tolist() == pytest.approx((10 * F.normalize(mean, dim=0)).tolist(), abs=0.02)
    assert pooled[0, 3:6].tolist() == pytest.approx((10 * F.normalize(light, dim=0)).tolist(), abs=0.02)


def test_the_second_view_is_the_mirror_image(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensemble, "SIDES", (8,))
    pixels = torch.randint(
        0, 256, (2, 3, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    mirrored = ensemble.pooled_features([Eyes()], pixels, view=1)
    assert torch.equal(mirrored, ensemble.pooled_features([Eyes()], pixels.flip(3), view=0))
    other = ensemble.pooled_features([Eyes()], pixels, view=2)
    assert not torch.equal(mirrored, other)


def test_heads_find_the_pairs_that_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensemble, "EPOCHS", 100)  # of a step each
    monkeypatch.setattr(ensemble, "RATE", 0.01)
    # Thirty things to say, each said of one photo in the same words, five times; that is what it shows.
    sentences = torch.eye(30, 384).repeat_interleave(5, 0)
    owner = torch.arange(30).repeat_interleave(5)
    photos = 10 * torch.eye(30, 64)
    heads = ensemble.train_heads(
        [photos], sentences, owner, (photos, sentences, owner), 32, Journal(tmp_path / "j")
    )
    with torch.inference_mode():
        found = (heads.embed_captions(sentences) @ heads.embed_photos(photos).T).argmax(1)
    assert found.tolist() == owner.tolist()


def test_the_mean_of_two_views_lies_between_them() -> None:
    heads = TeacherHeads(2, 2).eval()
    heads.load_state_dict({"photo.1.weight": torch.eye(2), "photo.1.bias": torch.zeros(2)}, strict=False)
    mean = ensemble.mean_embeddings(heads, [torch.tensor([[5.0, 0.0]]), torch.tensor([[0.0, 2.0]])])
    assert mean.tolist() == [pytest.approx([2**-0.5, 2**-0.5])]


def test_a_rotation_is_found_again() -> None:
    angle = np.deg2rad(35)
    turn = torch.tensor([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]).float()
    embeddings = F.normalize(torch.tensor([[1.0, 0.2], [0.3, -1.0], [-0.5, 0.4]]), dim=1)
    assert torch.allclose(ensemble.turned_towards(embeddings, embeddings @ turn), turn, atol=1e-6)
