"""A heat map laid over its photo: where the match comes from, and which part the model never saw."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps

if TYPE_CHECKING:
    from model.bridgetower import BridgeTower

TRUSTED = 0.75
"""Share of photos side by side whose heat map has to be on the right one of the two."""
ILLUSTRATIVE = (
    "The heat map is an illustration only: this checkpoint's maps were not found to point at what a caption "
    "means (python -m benchmarks.heat_maps measures it)."
)
LONGEST_SIDE = 1600  # pixels; it is an illustration, and no copy of the photo
OPACITY = 0.65
UNSEEN_BRIGHTNESS = 0.35


def is_illustrative(model: "BridgeTower") -> bool:
    """Whether nobody has measured that this checkpoint's heat maps point at what a caption means."""
    return model.heat_map_right is None or model.heat_map_right < TRUSTED


def with_heat_map(model: "BridgeTower", photo: Image.Image, caption: str) -> Image.Image:
    """An upright RGB photo with where its match with a caption comes from, as `overlay` draws it.

    Raises:
        model.errors.HeadMissing: the checkpoint has no image-text-matching head.
    """
    preprocessor = model.preprocessor
    return overlay(photo, model.heat_map(preprocessor(photo), caption), preprocessor.seen(*photo.size))


def overlay(
    photo: Image.Image, grid: NDArray[np.float32], seen: tuple[float, float, float, float]
) -> Image.Image:
    """The photo, upright RGB, with its heat map, RGB, at most `LONGEST_SIDE` long.

    `grid` is float32 (rows, columns), 0 and more, over the part `seen`: left, top, right and bottom in the
    photo's pixels. The hottest place is yellow, lesser ones red and blue; what was not seen is dark and grey.
    """
    shown = photo.copy()
    shown.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    scales = (shown.width / photo.width, shown.height / photo.height) * 2
    left, top, right, bottom = (round(side * scale) for side, scale in zip(seen, scales, strict=True))
    size = (max(1, right - left), max(1, bottom - top))
    heat = Image.new("L", shown.size, 0)
    heat.paste(_smooth(grid, size), (left, top))
    inside = Image.new("L", shown.size, 0)
    inside.paste(255, (left, top, left + size[0], top + size[1]))
    colours = ImageOps.colorize(heat, black="blue", mid="red", white="yellow")
    hot = Image.composite(colours, shown, heat.point([round(OPACITY * level) for level in range(256)]))
    unseen = ImageEnhance.Brightness(ImageOps.grayscale(shown).convert("RGB")).enhance(UNSEEN_BRIGHTNESS)
    return Image.composite(hot, unseen, inside)


def _smooth(grid: NDArray[np.float32], size: tuple[int, int]) -> Image.Image:
    """The grid as grey levels of this size, the hottest patch at 255."""
    hottest = float(grid.max()) or 1.0
    values = Image.fromarray((grid / hottest * 255).astype(np.float32))
    # Bilinear, as what swings over would show heat where no patch has any.
    return values.resize(size, Image.Resampling.BILINEAR).convert("L")
