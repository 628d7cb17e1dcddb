"""A large JPEG decoded small: libjpeg leaves out the detail that resizing would throw away."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from PIL import Image

from indexer.upright import upright_size

Resized: TypeAlias = Callable[[int, int], tuple[int, int]]
"""Upright width and height of a photo to those it will be resized to, as `Preprocessor.resized`."""

SPARE = 2
"""How many times larger than it will be resized to a photo is decoded at least.

At 2 the resizing still averages over its own window, and photos below four times their final size are
decoded in full, bit for bit. `benchmarks.decoding` shows what it changes.
"""


def draft(image: Image.Image, orientation: int, resized: Resized) -> None:
    """Set an opened JPEG to decode at the smallest of 1/1, 1/2, 1/4, 1/8 that leaves `SPARE` times enough.

    Other formats stay as they are.
    """
    if image.format not in ("JPEG", "MPO"):
        return
    width, height = upright_size(image, orientation)
    wanted = resized(width, height)
    if (width, height) != image.size:
        wanted = (wanted[1], wanted[0])
    image.draft(None, (wanted[0] * SPARE, wanted[1] * SPARE))
