"""What a map shows, by hand."""

import numpy as np
import pytest

from ui.world_window import Window, spread, window_around

BERGEN, SUVA = (60.4, 5.3), (-18.1, 178.4)


def test_one_place_has_its_surroundings() -> None:
    assert window_around([BERGEN]) == pytest.approx(Window(56.4, 64.4, 5.3 - 7.2, 5.3 + 7.2))


def test_wide_and_high_libraries_keep_their_shape() -> None:
    # 36 degrees wide with the margin, so 20 high.
    assert window_around([(0, 0), (0, 30)]) == pytest.approx(Window(-10, 10, -3, 33))
    # 24 high, so 43.2 wide.
    assert window_around([(0, 0), (20, 0)]) == pytest.approx(Window(-2, 22, -21.6, 21.6))


def test_a_window_does_not_leave_the_globe() -> None:
    assert window_around([(89, 179)]) == pytest.approx(Window(82, 90, 165.6, 180))
    assert window_around([BERGEN, SUVA, (0, -170)]) == Window(-90, 90, -180, 180)


def test_the_first_point_of_each_square_inside() -> None:
    points = np.array([(9, 9), (1, 1), (-1, 0), (2, 5), (1.5, 0.5), (3, 3), (1, 3)], np.float32)
    four_squares = Window(0, 4, 0, 4), 2
    assert spread(points, *four_squares, most=9).tolist() == [[1, 1], [3, 3], [1, 3]]
    assert spread(points, *four_squares, most=2).tolist() == [[1, 1], [3, 3]]
