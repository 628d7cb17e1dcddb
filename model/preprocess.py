"""A decoded photo to the pixel tensor, equal to the PIL variant of `BridgeTowerImageProcessor`.

Source: transformers 5.23, `models/bridgetower/image_processing_pil_bridgetower.py`. Two things differ, each
where that processor fails or a model would refuse its output: a side never falls below `size_divisor`
(a 1:20 photo would come out with no pixels at all), and the crop is the side the model takes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.errors import CheckpointInvalid

LONGEST_TO_SHORTEST = 1333 / 800  # how much longer than the shortest edge a resized photo may be
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True)
class Preprocessor:
    """Resize, centre-crop and normalise, with every number from the checkpoint's own preprocessor config."""

    shortest_edge: int
    crop: int
    size_divisor: int = 32
    resample: int = int(Image.Resampling.BICUBIC)
    rescale_factor: float = 1 / 255
    mean: tuple[float, ...] = CLIP_MEAN
    std: tuple[float, ...] = CLIP_STD

    @classmethod
    def from_folder(cls, folder: Path, image_size: int) -> Preprocessor:
        """Read a checkpoint folder's preprocessor config; `image_size` is the side in pixels its model takes.

        Raises:
            CheckpointInvalid: there is no preprocessor config, or it gives no shortest edge.
        """
        settings = read_settings(folder)
        size = settings.get("size")
        shortest = size.get("shortest_edge") if isinstance(size, dict) else size
        if not isinstance(shortest, int):
            raise CheckpointInvalid(
                f"{folder}: the preprocessor config gives no shortest edge (size: {size!r})"
            )
        return cls(
            shortest_edge=shortest,
            crop=image_size,
            size_divisor=int(settings.get("size_divisor", 32)),
            resample=int(settings.get("resample", Image.Resampling.BICUBIC)),
            rescale_factor=float(settings.get("rescale_factor", 1 / 255)),
            mean=tuple(settings.get("image_mean", CLIP_MEAN)),
            std=tuple(settings.get("image_std", CLIP_STD)),
        )

    def resized(self, width: int, height: int) -> tuple[int, int]:
        """Width and height in pixels that a photo of this size is resized to."""
        shorter, longer = self.shortest_edge, int(LONGEST_TO_SHORTEST * self.shortest_edge)
        scale = shorter / min(width, height)
        new_width, new_height = (
            (scale * width, float(shorter)) if height < width else (float(shorter), scale * height)
        )
        if max(new_width, new_height) > longer:
            shrink = longer / max(new_width, new_height)
            new_width, new_height = shrink * new_width, shrink * new_height
        whole = self.size_divisor
        return tuple(max(whole, int(side + 0.5) // whole * whole) for side in (new_width, new_height))  # type: ignore[return-value]

    def crop_of(self, photo: Image.Image) -> NDArray[np.uint8]:
        """An upright RGB photo resized and cropped, uint8 (crop, crop, 3)."""
        resized = photo.resize(self.resized(*photo.size), Image.Resampling(self.resample))
        return np.ascontiguousarray(centre_crop(np.asarray(resized, dtype=np.uint8), self.crop))

    def seen(self, width: int, height: int) -> tuple[float, float, float, float]:
        """The part of a photo of this size that the crop shows: left, top, right and bottom, in its pixels.

        It reaches beyond the photo where the crop was padded.
        """
        sides = zip((width, height), self.resized(width, height), strict=True)
        starts, ends = [], []
        for side, resized in sides:
            start = (resized - self.crop) // 2  # below 0 by the padding, as in `centre_crop`
            starts.append(start * side / resized)
            ends.append((start + self.crop) * side / resized)
        return starts[0], starts[1], ends[0], ends[1]

    def __call__(self, photo: Image.Image) -> NDArray[np.float32]:
        """An upright RGB photo to normalised pixels, float32 (3, crop, crop)."""
        values = self.crop_of(photo)
        return np.stack([self.levels[channel][values[:, :, channel]] for channel in range(3)])

    @cached_property
    def levels(self) -> NDArray[np.float32]:
        """What each of the 256 values becomes in each channel when normalised, float32 (3, 256).

        Rescaled in float64, then normalised.
        """
        rescaled = (np.arange(256, dtype=np.float64) * self.rescale_factor).astype(np.float32)
        mean, std = (np.array(numbers, dtype=np.float32)[:, None] for numbers in (self.mean, self.std))
        return (rescaled - mean) / std


def read_settings(folder: Path) -> dict[str, Any]:
    """The image part of a checkpoint's processor config, in its newer or its older file.

    Raises:
        CheckpointInvalid: neither file is there, or it is not JSON.
    """
    for name in ("preprocessor_config.json", "processor_config.json"):
        path = folder / name
        if not path.exists():
            continue
        try:
            settings: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise CheckpointInvalid(f"{path}: not valid JSON ({error})") from error
        if not isinstance(settings, dict):
            raise CheckpointInvalid(f"{path}: expected a JSON object, found {type(settings).__name__}")
        if name == "preprocessor_config.json":
            return settings
        if "image_processor" in settings:
            return dict(settings["image_processor"])
    raise CheckpointInvalid(
        f"{folder}: expected preprocessor_config.json or processor_config.json, found neither"
    )


def centre_crop(values: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The middle of (height, width, 3), padded with black where it is smaller: (side, side, 3)."""
    height, width = values.shape[:2]
    if height < side or width < side:
        padded = np.zeros((max(height, side), max(width, side), 3), dtype=np.uint8)
        top, left = -(-(padded.shape[0] - height) // 2), -(-(padded.shape[1] - width) // 2)  # rounded up
        padded[top : top + height, left : left + width] = values
        # The source crops at where the unpadded photo would have been, moved by the padding.
        top, left = (height - side) // 2 + top, (width - side) // 2 + left
        return padded[max(0, top) : top + side, max(0, left) : left + side]
    top, left = (height - side) // 2, (width - side) // 2
    return values[top : top + side, left : left + side]
