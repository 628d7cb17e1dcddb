from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from storage.errors import FilterInvalid
from storage.filters import Box, Filter, Near


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((90.1, 0, 1), "a latitude is from -90 to 90 degrees, not 90.1"),
        ((float("nan"), 0, 1), "a latitude is from -90 to 90 degrees, not nan"),
        ((0, -181, 1), "a longitude is from -180 to 180 degrees, not -181"),
        ((0, 0, 0), "a distance is from 0 to 20,100 km, not 0"),
        ((0, 0, float("inf")), "a distance is from 0 to 20,100 km, not inf"),
    ],
)
def test_a_circle_that_is_none(numbers: tuple[float, float, float], said: str) -> None:
    with pytest.raises(FilterInvalid) as refused:
        Near(*numbers)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((0, 0, 91, 0), "a latitude is from -90 to 90 degrees, not 91"),
        ((0, float("nan"), 0, 0), "a longitude is from -180 to 180 degrees, not nan"),
        (
            (2, 0, 1, 0),
            "no place is both north of 2 and south of 1 degrees; a box is south, west, north, east",
        ),
    ],
)
def test_a_box_that_is_none(numbers: tuple[float, float, float, float], said: str) -> None:
    with pytest.raises(FilterInvalid) as refused:
        Box(*numbers)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"rating": 0}, "a rating is 1 to 5 stars, not 0"),
        ({"rating": 6}, "a rating is 1 to 5 stars, not 6"),
        ({"kinds": ("gif",)}, "a kind is one of photo, raw, video, not gif"),
        (
            {"taken_from": date(2024, 1, 2), "taken_to": date(2024, 1, 1)},
            "no day is both on or after 2024-01-02 and on or before 2024-01-01; swap the two dates",
        ),
    ],
)
def test_a_filter_that_no_photo_could_fit(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(FilterInvalid) as refused:
        Filter(**fields)
    assert str(refused.value) == said


def test_one_day_is_a_span() -> None:
    assert Filter(taken_from=date(2024, 1, 1), taken_to=date(2024, 1, 1)).taken_to == date(2024, 1, 1)
