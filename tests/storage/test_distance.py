from __future__ import annotations

import pytest

from storage.distance import distance_km, half_height, half_width


def test_distance() -> None:
    # A degree of longitude is 111.2 km at the equator and half of that at 60 degrees north.
    assert distance_km((0, 0), (0, 1)) == pytest.approx(111.19, abs=0.01)
    assert distance_km((60, 0), (60, 1)) == pytest.approx(55.6, abs=0.01)
    assert distance_km((0, 179.5), (0, -179.5)) == pytest.approx(111.19, abs=0.01)


def test_a_circle_reaches_as_far_as_its_radius() -> None:
    assert half_height(111.19) == pytest.approx(1, abs=0.001)
    assert half_width(0, 111.19) == pytest.approx(1, abs=0.001)
    assert half_width(60, 111.19) == pytest.approx(2, abs=0.002)


def test_a_circle_with_a_pole_in_it_goes_all_around() -> None:
    assert half_width(89.5, 111.19) == 180
    assert half_width(-89.5, 111.19) == 180
    assert half_width(0, 20_000) == 180
