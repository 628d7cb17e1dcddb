"""A captioned folder in memory: `SPLIT.csv` (header `image,caption`) beside the folder `SPLIT/`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 224  # pixels; the teacher and mini both look at 224 x 224


@dataclass(frozen=True)
class CaptionedPhotos:
    """The photos and captions of one split.

    `pixels` is uint8 (n, 224, 224, 3); `photo_of_caption` is int64 (m,), the row of the photo that
    caption m describes.
    """

    names: list[str]
    pixels: NDArray[np.uint8]
    captions: list[str]
    photo_of_caption: NDArray[np.int64]


def read_captions(csv_path: Path) -> tuple[list[str], list[str], NDArray[np.int64]]:
    """Photo names in order of first appearance, captions grouped by photo, the photo row of every caption."""
    row_of: dict[str, int] = {}
    captions: list[str] = []
    photo_of_caption: list[int] = []
    with csv_path.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            photo_of_caption.append(row_of.setdefault(row["image"], len(row_of)))
            captions.append(row["caption"].strip())
    owner = np.asarray(photo_of_caption, dtype=np.int64)
    order = np.argsort(owner, kind="stable")  # drawing captions of a photo relies on it
    return list(row_of), [captions[row] for row in order], owner[order]


def load_split(data: Path, split: str, work: Path) -> CaptionedPhotos:
    """Read one split, decoding its photos once into a memory-mapped array under `work`."""
    names, captions, photo_of_caption = read_captions(data / f"{split}.csv")
    cache = work / f"{split}_pixels.npy"
    if not cache.exists():
        pixels = np.empty((len(names), SIDE, SIDE, 3), dtype=np.uint8)
        for row, name in enumerate(names):
            with Image.open(data / split / name) as photo:
                pixels[row] = np.asarray(photo.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC))
        partial = cache.with_suffix(".partial.npy")
        np.save(partial, pixels)
        partial.replace(cache)
    return CaptionedPhotos(names, np.load(cache, mmap_mode="r"), captions, photo_of_caption)
