"""Fresh views: where they may lie, and that a whole one in its own light is the photo or its mirror image."""

from __future__ import annotations

import pytest
import torch

from training import fresh_views as views
from training.views import MEAN, STD


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_a_view_stays_inside_its_photo_and_shows_what_it_must() -> None:
    boxes = views.draw_boxes(2000, seeded())
    width, height = boxes[:, 0, 0].abs(), boxes[:, 1, 1]
    assert (boxes[:, 0, 2].abs() + width <= 1 + 1e-6).all()
    assert (boxes[:, 1, 2].abs() + height <= 1 + 1e-6).all()
    assert (width * height >= views.SMALLEST * 0.77).all()  # a side longer than the photo's is cut to it
    assert 0.4 < (boxes[:, 0, 0] < 0).float().mean() < 0.6
    assert ((width == 1) & (height == 1)).float().mean() > views.WHOLE / 2


def test_a_whole_view_in_its_own_light_is_the_photo_or_its_mirror_image(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(views, "WHOLE", 1.1)
    monkeypatch.setattr(views, "LIGHT", 0.0)
    photos = torch.randint(0, 256, (8, 3, 6, 6), dtype=torch.uint8, generator=seeded())
    seen = views.fresh_views(photos, seeded())
    mean, std = (torch.from_numpy(each).view(3, 1, 1) for each in (MEAN, STD))
    plain = (photos / 255 - mean) / std
    as_is = (seen - plain).abs().amax((1, 2, 3)) < 1e-4
    mirrored = (seen - plain.flip(3)).abs().amax((1, 2, 3)) < 1e-4
    assert (as_is ^ mirrored).all()
    assert as_is.any()
    assert mirrored.any()


def test_grey_stays_grey_in_another_light() -> None:
    grey = torch.full((4, 3, 2, 2), 0.5)
    relit = views.relit(grey, seeded())
    assert torch.allclose(relit, relit[:, :1, :1, :1].expand_as(relit))
    assert (relit - 0.5).abs().max() <= 0.5 * views.LIGHT


def test_the_same_generator_draws_the_same_views() -> None:
    photos = torch.randint(0, 256, (3, 3, 8, 8), dtype=torch.uint8, generator=seeded())
    assert torch.equal(views.fresh_views(photos, seeded()), views.fresh_views(photos, seeded()))
