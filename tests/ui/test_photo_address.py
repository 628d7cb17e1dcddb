"""The address of one photo."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from tests.ui.test_search_address import ALL
from ui.photo_address import MOST_AMONG, PhotoAddress, photo_link
from ui.search_address import Asked

DOGS = Asked("dogs")


def test_an_address_says_what_it_was_made_of() -> None:
    address = PhotoAddress(7, Asked("two dogs & a cat", unwanted=("snow", "rain")), (5, 7, 9))
    said = {"id": "7", "q": "two dogs & a cat", "not": ["snow", "rain"], "among": "5,7,9"}
    assert address.as_params() == said


def test_the_whole_search_can_be_read_back() -> None:
    link = photo_link(7, ALL, (5, 7))
    read = PhotoAddress.read(parse_qs(link.removeprefix("photo?")))
    assert read == PhotoAddress(7, ALL, (5, 7))


def test_a_link_names_photo_search_and_neighbours() -> None:
    link = photo_link(7, Asked("a dog & <b>", count=48), [3, 7])
    assert link == "photo?id=7&q=a+dog+%26+%3Cb%3E&k=48&among=3,7"
    assert photo_link(7) == "photo?id=7"


@pytest.mark.parametrize("named", ["", "-1", "1.5", "x", "9" * 19, "9" * 10_000, "\u0663"])
def test_what_is_no_id_names_no_photo(named: str) -> None:
    read = PhotoAddress.read({"id": [named], "among": [f"1,{named},2"]})
    assert read == PhotoAddress(None, among=(1, 2))


def test_steps_lead_through_the_results_and_end_with_them() -> None:
    address = PhotoAddress(7, DOGS, (5, 7, 9))
    assert address.step(-1) == PhotoAddress(5, DOGS, (5, 7, 9))
    assert address.step(1) == PhotoAddress(9, DOGS, (5, 7, 9))
    assert PhotoAddress(5, among=(5, 7)).step(-1) is None
    assert PhotoAddress(7, among=(5, 7)).step(1) is None
    assert PhotoAddress(8, among=(5, 7)).step(1) is None


def test_an_address_is_bounded() -> None:
    many = tuple(range(1, 1001))
    said = PhotoAddress(1, among=many).as_params()["among"]
    assert isinstance(said, str) and len(said.split(",")) == MOST_AMONG
    assert PhotoAddress.read({"among": [",".join(map(str, many))]}).among == many[:MOST_AMONG]
