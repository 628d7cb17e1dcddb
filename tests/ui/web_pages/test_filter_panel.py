"""The panel's folders, by hand."""

from ui.web_pages.filter_panel import above


def test_the_way_down_begins_at_the_librarys_own_folder() -> None:
    assert above("/photos/2023/may", ["/photos", "/other"]) == ["/photos", "/photos/2023", "/photos/2023/may"]
    assert above("/photos", ["/photos"]) == ["/photos"]


def test_a_folder_in_none_of_them_stands_alone() -> None:
    assert above("/elsewhere/deep", ["/photos"]) == ["/elsewhere/deep"]
