"""Which points of the map lie in a region of it that a visitor drew or typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Box: TypeAlias = tuple[tuple[float, float], tuple[float, float]]
"""From and to, left to right and bottom to top, 0 to 1."""
Points: TypeAlias = NDArray[np.float32]
PLACES = 4
"""Decimals with which points are drawn, which is how exactly they can be surrounded."""


def in_area(points: Points, area: Mapping[str, Any]) -> NDArray[np.bool_]:
    """Which of the points, float32 (n, 2), lie in an area of ECharts' brush: bool, (n,).

    Source: https://echarts.apache.org/en/api.html#action.brush.brush, `brushType` and `coordRange`.
    """
    inside = in_box if area["brush_type"] == "rect" else in_outline
    return inside(points, area["coord_range"])


def in_box(points: Points, box: Box) -> NDArray[np.bool_]:
    """Which of the points, float32 (n, 2), lie in the box or on its edge: bool, (n,)."""
    (left, right), (bottom, top) = box
    x, y = points.round(PLACES).T
    inside: NDArray[np.bool_] = (x >= left) & (x <= right) & (y >= bottom) & (y <= top)
    return inside


def in_outline(points: Points, corners: Any) -> NDArray[np.bool_]:
    """Which of the points, float32 (n, 2), the line from corner to corner, (m, 2), goes round: bool, (n,).

    It is closed by a line to its beginning. What it goes round twice is inside as well, as ECharts draws it.
    Source: D. Sunday, Inclusion of a Point in a Polygon (2001): winding numbers.
    """
    begins = np.asarray(corners, float)
    (x0, y0), (x1, y1) = begins.T, np.roll(begins, -1, axis=0).T
    x, y = (each[:, None] for each in points.round(PLACES).T)  # (n, 1), against edges (m,)
    side = (x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)  # above 0 to the left of an edge
    up, down = (y0 <= y) & (y < y1) & (side > 0), (y1 <= y) & (y < y0) & (side < 0)
    turns = np.count_nonzero(up, axis=1) - np.count_nonzero(down, axis=1)
    inside: NDArray[np.bool_] = turns != 0
    return inside
