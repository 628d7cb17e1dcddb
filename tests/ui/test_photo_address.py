"""The address of one photo."""

from __future__ import annotations

import pytest

from ui.photo_address import MOST_AMONG, PhotoAddress, photo_url


def test_an_address_says_what_it_was_made_of() -> None:
    address = PhotoAddress(7, "two dogs & a cat", (5, 7, 9))
    assert address.as_query() == {"id": "7", "q": "two dogs & a cat", "among": "5,7,9"}
    assert PhotoAddress.read(address.as_query()) == address
    assert photo_url(7, "two dogs & a cat", (5, 7)) == "/photo?id=7&q=two+dogs+%26+a+cat&among=5%2C7"
    assert photo_url(7) == "/photo?id=7"


@pytest.mark.parametrize("named", ["", "-1", "1.5", "x", "9" * 19, "9" * 10_000, "\u0663"])
def test_what_is_no_id_names_no_photo(named: str) -> None:
    assert PhotoAddress.read({"id": named, "among": f"1,{named},2"}) == PhotoAddress(None, "", (1, 2))


def test_steps_lead_through_the_results_and_end_with_them() -> None:
    address = PhotoAddress(7, "dogs", (5, 7, 9))
    assert address.step(-1) == PhotoAddress(5, "dogs", (5, 7, 9))
    assert address.step(1) == PhotoAddress(9, "dogs", (5, 7, 9))
    assert PhotoAddress(5, "", (5, 7)).step(-1) is None
    assert PhotoAddress(7, "", (5, 7)).step(1) is None
    assert PhotoAddress(8, "", (5, 7)).step(1) is None


def test_an_address_is_bounded() -> None:
    many = tuple(range(1, 1001))
    assert len(PhotoAddress(1, "", many).as_query()["among"].split(",")) == MOST_AMONG
    assert PhotoAddress.read({"among": ",".join(map(str, many))}).among == many[:MOST_AMONG]
