"""The panel's months and folders, by hand."""

from datetime import date

from ui.web_pages.filter_panel import above, first_day, last_day, months_between


def test_months_without_a_photo_are_on_the_slider_too() -> None:
    assert months_between(["2024-02", "2023-11"]) == ["2023-11", "2023-12", "2024-01", "2024-02"]
    assert months_between(["2023-05"]) == ["2023-05"]
    assert months_between([]) == []


def test_a_month_is_all_of_its_days() -> None:
    assert (first_day("2024-02"), last_day("2024-02")) == (date(2024, 2, 1), date(2024, 2, 29))


def test_the_way_down_begins_at_the_librarys_own_folder() -> None:
    assert above("/photos/2023/may", ["/photos", "/other"]) == ["/photos", "/photos/2023", "/photos/2023/may"]
    assert above("/photos", ["/photos"]) == ["/photos"]


def test_a_folder_in_none_of_them_stands_alone() -> None:
    assert above("/elsewhere/deep", ["/photos"]) == ["/elsewhere/deep"]
