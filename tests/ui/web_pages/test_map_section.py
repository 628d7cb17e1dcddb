"""Which photos a box on the map holds."""

from __future__ import annotations

import numpy as np

from ui.web_pages.map_section import within

POINTS = np.array([[0, 0], [0.25, 0.5], [0.5, 0.5], [1, 1]], dtype=np.float32)


def test_a_box_holds_what_lies_in_it_and_on_its_edge() -> None:
    assert within(POINTS, ((0.25, 0.5), (0.4, 1))).tolist() == [False, True, True, False]
    assert within(POINTS, ((0, 1), (0, 1))).all()
    assert not within(POINTS, ((0.6, 0.9), (0, 1))).any()
