"""Fixed random views of every photo, so that teacher and student look at exactly the same crop."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.photos import SIDE

# (value - 127) / 128, what EfficientNet-Lite was trained with, and so mini's preprocessor too.
# With ImageNet's mean and deviation the teacher's R@10 on dev is seven points lower.
MEAN = np.full(3, 127 / 255, dtype=np.float32)
STD = np.full(3, 128 / 255, dtype=np.float32)


@dataclass(frozen=True)
class Views:
    """Crop boxes float32 (views, n, 4) as left, upper, right, lower, and mirror flags bool (views, n)."""

    boxes: NDArray[np.float32]
    mirrored: NDArray[np.bool_]

    def render(self, pixels: NDArray[np.uint8], view: int, row: int) -> NDArray[np.float32]:
        """One view of one photo: float32 (3, 224, 224), normalised by `MEAN` and `STD`."""
        photo = Image.fromarray(np.asarray(pixels[row]))
        box = self.boxes[view, row]
        left, upper, right, lower = box.tolist()
        if (left, upper, right, lower) != (0, 0, SIDE, SIDE):
            photo = photo.resize((SIDE, SIDE), Image.Resampling.BICUBIC, box=(left, upper, right, lower))
        values = np.asarray(photo, dtype=np.float32)
        if self.mirrored[view, row]:
            values = values[:, ::-1]
        return normalise(values)

    def render_batch(
        self, pixels: NDArray[np.uint8], views: NDArray[np.int64], rows: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """A batch of views: float32 (batch, 3, 224, 224)."""
        return np.stack([self.render(pixels, int(v), int(r)) for v, r in zip(views, rows, strict=True)])


def normalise(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """(height, width, 3) in 0..255 to (3, height, width), normalised by `MEAN` and `STD`."""
    return np.ascontiguousarray(((values / 255.0 - MEAN) / STD).transpose(2, 0, 1), dtype=np.float32)


def make_views(n: int, count: int, seed: int) -> Views:
    """View 0 is the whole photo, view 1 its mirror image; the others crop 40 to 100 % of it.

    Crops are of varied aspect, and half of them are mirrored.
    """
    rng = np.random.default_rng(seed)
    boxes = np.empty((count, n, 4), dtype=np.float32)
    mirrored = np.zeros((count, n), dtype=np.bool_)
    boxes[:2] = (0, 0, SIDE, SIDE)
    mirrored[1:2] = True
    for view in range(2, count):
        area = rng.uniform(0.4, 1.0, n) * SIDE * SIDE
        aspect = np.exp(rng.uniform(math.log(3 / 5), math.log(5 / 3), n))
        width = np.minimum(np.sqrt(area * aspect), SIDE)
        height = np.minimum(np.sqrt(area / aspect), SIDE)
        left, upper = rng.uniform(0, 1, n) * (SIDE - width), rng.uniform(0, 1, n) * (SIDE - height)
        boxes[view] = np.stack([left, upper, left + width, upper + height], axis=1)
        mirrored[view] = rng.random(n) < 0.5
    return Views(boxes, mirrored)
