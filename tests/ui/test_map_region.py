"""Which points a box or a line round some of them holds, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ui.map_region import in_area, in_box, in_outline

POINTS = np.array([[0, 0], [0.25, 0.5], [0.5, 0.5], [1, 1]], dtype=np.float32)
# A corner piece: along the left edge and the bottom, round what lies there and not round the middle.
CORNER = [[-0.1, -0.1], [1.1, -0.1], [1.1, 0.3], [0.3, 0.3], [0.3, 1.1], [-0.1, 1.1]]


def test_a_box_holds_what_lies_in_it_and_on_its_edge() -> None:
    assert in_box(POINTS, ((0.25, 0.5), (0.4, 1))).tolist() == [False, True, True, False]
    assert in_box(POINTS, ((0, 1), (0, 1))).all()
    assert not in_box(POINTS, ((0.6, 0.9), (0, 1))).any()


@pytest.mark.parametrize("corners", [CORNER, CORNER[::-1], CORNER[2:] + CORNER[:2]])
def test_a_line_holds_what_it_goes_round_whichever_way_it_was_drawn(corners: list[list[float]]) -> None:
    assert in_outline(POINTS, corners).tolist() == [True, True, False, False]


def test_what_a_line_goes_round_twice_is_inside_too() -> None:
    small = [[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.6]]
    large = [[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8]]
    assert in_outline(POINTS, [*large, large[0], *small, small[0]]).tolist() == [False, True, True, False]


def test_an_area_is_a_box_or_a_line() -> None:
    box = {"brush_type": "rect", "coord_range": [[0.2, 0.6], [0.4, 0.6]]}
    assert in_area(POINTS, box).tolist() == [False, True, True, False]
    line = {"brush_type": "polygon", "coord_range": CORNER}
    assert in_area(POINTS, line).tolist() == [True, True, False, False]
