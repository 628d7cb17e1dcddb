"""Views that nobody has seen before: another crop, shape, side and light of every photo at every step.

They are drawn where the photos lie, a whole batch at once, which on a GPU costs next to nothing.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from training.views import MEAN, STD

SMALLEST = 0.35  # of a photo's area that a view shows
SHAPES = 5 / 3  # the widest view's width over its height, beside the photo's own
WHOLE = 0.15  # of the views show everything
LIGHT = 0.25  # how far brightness, contrast and colour go up and down


def fresh_views(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """A view of each photo: uint8 (n, 3, side, side) to float32 of that shape, normalised for the stem."""
    values = pixels.float().div_(255)
    grid = F.affine_grid(draw_boxes(len(values), generator), list(values.shape), align_corners=False)
    values = F.grid_sample(values, grid, padding_mode="reflection", align_corners=False)
    return normalised(relit(values, generator))


def draw_boxes(n: int, generator: torch.Generator) -> Tensor:
    """Where each view lies: maps from view to photo, both from -1 to 1, float32 (n, 2, 3); half mirrored."""
    area, shape, left, upper, mirror, whole = uniform((6, n), generator)
    sides = (SMALLEST + (1 - SMALLEST) * area).sqrt()
    stretch = torch.exp((2 * shape - 1) * math.log(SHAPES) / 2)
    width, height = (sides * stretch).clamp(max=1), (sides / stretch).clamp(max=1)
    width, height = (torch.where(whole < WHOLE, 1.0, side) for side in (width, height))
    boxes = torch.zeros(n, 2, 3, device=generator.device)
    boxes[:, 0, 0] = torch.where(mirror < 0.5, width, -width)
    boxes[:, 1, 1] = height
    boxes[:, 0, 2], boxes[:, 1, 2] = (2 * left - 1) * (1 - width), (2 * upper - 1) * (1 - height)
    return boxes


def relit(values: Tensor, generator: torch.Generator) -> Tensor:
    """Other brightness, contrast and strength of colour; values 0 to 1, and so they stay."""
    light, contrast, colour = 1 + LIGHT * (2 * uniform((3, len(values), 1, 1, 1), generator) - 1)
    values = values * light
    grey = values.mean((1, 2, 3), keepdim=True)
    values = grey + (values - grey) * contrast
    grey = values.mean(1, keepdim=True)
    coloured: Tensor = grey + (values - grey) * colour
    return coloured.clamp_(0, 1)


def normalised(values: Tensor) -> Tensor:
    """Values 0 to 1, (n, 3, side, side), by `MEAN` and `STD`."""
    mean, std = (torch.from_numpy(each).to(values).view(3, 1, 1) for each in (MEAN, STD))
    return (values - mean) / std


def uniform(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Numbers from 0 to 1, on the generator's device."""
    return torch.rand(shape, generator=generator, device=generator.device)
