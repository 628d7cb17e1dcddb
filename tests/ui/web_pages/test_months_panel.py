"""What a drag over months and a move of the slider make of the filter, by hand."""

from datetime import date

import pytest

from storage.filters import Filter
from ui.web_pages.months_panel import dragged, months_between, moved, rows, shown

MONTHS = ["2023-11", "2023-12", "2024-01", "2024-02", "2024-03"]
RATED = Filter(rating=3)


def between(first: date | None, last: date | None) -> Filter:
    return Filter(rating=3, taken_from=first, taken_to=last)


def test_months_without_a_photo_have_a_place_too() -> None:
    assert months_between(["2024-02", "2023-11"]) == ["2023-11", "2023-12", "2024-01", "2024-02"]
    assert months_between(["2023-05"]) == ["2023-05"]
    assert months_between([]) == []


@pytest.mark.parametrize("edges", [(0.6, 3.7), (3.7, 0.6), (1.49, 3.51)])
def test_a_drag_chooses_the_months_whose_middle_it_passed(edges: tuple[float, float]) -> None:
    assert dragged(RATED, edges, MONTHS) == between(date(2023, 12, 1), date(2024, 2, 29))


def test_a_short_drag_chooses_the_month_below_it() -> None:
    assert dragged(RATED, (2.1, 2.3), MONTHS) == between(date(2024, 1, 1), date(2024, 1, 31))


def test_a_drag_to_an_end_or_beyond_leaves_that_side_open() -> None:
    assert dragged(RATED, (-0.3, 2.0), MONTHS) == between(None, date(2023, 12, 31))
    assert dragged(RATED, (2.9, 5.2), MONTHS) == between(date(2024, 2, 1), None)
    assert dragged(RATED, (0, 5), MONTHS) == RATED


def test_a_drag_that_is_given_up_is_taken_off() -> None:
    assert dragged(between(date(2023, 12, 1), date(2024, 2, 29)), (), MONTHS) == RATED


def test_an_end_of_the_slider_that_was_not_moved_keeps_its_day() -> None:
    exact = between(date(2023, 12, 24), date(2024, 2, 3))
    assert shown(exact, MONTHS) == ("2023-12", "2024-02")
    later = moved(exact, ("2024-01", "2024-02"), MONTHS)
    assert later == between(date(2024, 1, 1), date(2024, 2, 3))
    earlier = moved(exact, ("2023-12", "2024-01"), MONTHS)
    assert earlier == between(date(2023, 12, 24), date(2024, 1, 31))


def test_an_end_of_the_slider_that_is_moved_all_the_way_is_open() -> None:
    exact = between(date(2023, 12, 24), date(2024, 2, 3))
    assert moved(exact, ("2023-11", "2024-03"), MONTHS) == RATED


def test_days_outside_of_all_months_are_shown_at_the_ends_and_stay() -> None:
    wide = between(date(1999, 1, 1), date(2030, 1, 1))
    assert shown(wide, MONTHS) == ("2023-11", "2024-03")
    assert moved(wide, ("2023-12", "2024-03"), MONTHS) == between(date(2023, 12, 1), date(2030, 1, 1))


def test_chosen_months_are_marked() -> None:
    found = rows({"2023-11": 2, "2024-01": 7}, MONTHS[:3], ("2023-12", "2024-01"))
    assert [(row["photos"], row["chosen"], row["from"], row["to"]) for row in found] == [
        (2, False, 0, 1),
        (0, True, 1, 2),
        (7, True, 2, 3),
    ]
