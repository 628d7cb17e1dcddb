"""Which part of the world a map shows, so that the places of a library fill it."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RATIO = 1.8
"""Degrees from west to east for one from south to north."""
_LEAST = 8.0  # degrees from south to north: a single town with what lies around it
_MARGIN = 1.2


class Window(NamedTuple):
    """From and to, in degrees; the date line is always an edge of the map."""

    south: float
    north: float
    west: float
    east: float


def window_around(places: Collection[tuple[float, float]]) -> Window:
    """The part that has all these latitudes and longitudes, with a margin."""
    latitudes, longitudes = zip(*places, strict=True)
    height = max(_MARGIN * (max(latitudes) - min(latitudes)), _LEAST)
    width = max(_MARGIN * (max(longitudes) - min(longitudes)), RATIO * height)
    height = max(height, width / RATIO)
    return Window(*_within(latitudes, height, 90), *_within(longitudes, width, 180))


def spread(points: NDArray[np.float32], window: Window, across: int, most: int) -> NDArray[np.float32]:
    """Those of the latitudes and longitudes, float32 (n, 2), that show where there are any: (m, 2).

    In each square of the window, of which there are `across` from west to east, the first one; `most` in all.
    """
    latitude, longitude = points[:, 0], points[:, 1]
    here = (latitude >= window.south) & (latitude <= window.north)
    here &= (longitude >= window.west) & (longitude <= window.east)
    found = points[here]
    rows, columns = ((found - (window.south, window.west)) * (across / (window.east - window.west))).T
    _, first = np.unique(rows.astype(int) * (across + 1) + columns.astype(int), return_index=True)
    return found[np.sort(first)[:most]]


def _within(values: Collection[float], size: float, limit: float) -> tuple[float, float]:
    """So much around the middle of the values, moved where it would leave the globe."""
    size = min(size, 2 * limit)
    low = (min(values) + max(values) - size) / 2
    low = min(max(low, -limit), limit - size)
    return low, low + size
