"""Pixels as a person would see them: turned by their EXIF orientation, on white, in 8-bit RGB."""

from __future__ import annotations

import numpy as np
from PIL import Image

# What undoes each EXIF orientation; 1 needs nothing.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDES_SWAPPED = (5, 6, 7, 8)


def upright_size(image: Image.Image, orientation: int) -> tuple[int, int]:
    """Width and height in pixels after turning."""
    if orientation in _SIDES_SWAPPED and not _turned_by_pillow(image):
        return image.height, image.width
    return image.width, image.height


def to_upright_rgb(image: Image.Image, orientation: int) -> Image.Image:
    """A loaded image, turned by its EXIF orientation (1 to 8), in RGB with transparency laid on white."""
    photo = _to_rgb(image)
    if orientation in _TURNS and not _turned_by_pillow(image):
        photo = photo.transpose(_TURNS[orientation])
    return photo


def _turned_by_pillow(image: Image.Image) -> bool:
    """Pillow turns a TIFF itself as it loads it, and gives the upright size before."""
    return image.format == "TIFF"


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return _deep_grey_to_8_bits(image).convert("RGB")
    if image.has_transparency_data:
        coloured = image if image.mode == "RGBA" else image.convert("RGBA")
        page = Image.new("RGBA", coloured.size, "white")
        return Image.alpha_composite(page, coloured).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _deep_grey_to_8_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 bits keeps its upper 8; 32-bit and float grey have no agreed white, so they are stretched.

    Pillow's own conversion clips at 255 instead, which turns most such photos white.
    """
    grey = np.asarray(image)
    if image.mode.startswith("I;16"):
        return Image.fromarray((grey >> 8).astype(np.uint8))
    levels = np.nan_to_num(grey.astype(np.float32), posinf=0.0, neginf=0.0)
    darkest, brightest = float(levels.min()), float(levels.max())
    scale = 255.0 / (brightest - darkest) if brightest > darkest else 0.0
    return Image.fromarray(np.round((levels - darkest) * scale).astype(np.uint8))
