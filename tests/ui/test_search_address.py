"""What a search is asked for, to an address and back."""

from datetime import date
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from storage.filters import Box, Filter, Near
from ui.search_address import MOST, PAGE, Asked, as_link, as_params, as_query, as_words, from_params

ALL = Asked(
    caption="a dog & a cat", also=("a ball",), unwanted=("snow", "rain"), like=7, rerank=False, fold=False,
    count=48, page=3,
    wanted=Filter(
        folders=("/photos/2023",), taken_from=date(2023, 5, 1), taken_to=date(2023, 5, 31),
        cameras=("Canon EOS R5",), places=("Bergen, Vestland, Norway",), near=Near(48.2, -16.4, 10.5),
        box=Box(47, 9.55, 49, -17.2), rating=3, kinds=("photo", "raw"), copies=True, tags=("beach", "dog"),
    ),
)  # fmt: skip


def test_an_address_says_everything() -> None:
    assert from_params(parse_qs(as_link(ALL)[1:])) == ALL


def test_what_is_usual_is_not_said() -> None:
    assert as_params(Asked()) == {}
    assert as_link(Asked(caption="a red motorcycle")) == "?q=a+red+motorcycle"
    assert from_params({}) == Asked()


@pytest.mark.parametrize(
    "wrong",
    [
        {"like": ["<img>"]}, {"k": ["-3"]}, {"k": ["٣"]}, {"page": ["2.5"]}, {"rating": ["9"]},
        {"rating": ["x"]}, {"near": ["here"]}, {"box": ["1,2,3"]}, {"after": ["2023-02-31"]},
        {"kind": ["film"]}, {"camera": [" "]},
    ],
)  # fmt: skip
def test_what_is_wrong_is_left_out_and_named(wrong: dict[str, list[str]]) -> None:
    asked = from_params({"q": ["a dog"], **wrong})
    assert asked == Asked(caption="a dog")
    assert len(asked.left_out) == 1
    assert asked.left_out[0].startswith(f"{next(iter(wrong))}={next(iter(wrong.values()))[0]}")


def test_dates_in_the_wrong_order_leave_one() -> None:
    asked = from_params({"after": ["2023-05"], "before": ["2022"]})
    assert asked.wanted == Filter(taken_from=date(2023, 5, 1))
    assert len(asked.left_out) == 1


def test_a_count_is_bounded_and_empty_captions_are_none() -> None:
    asked = from_params({"k": ["100000"], "not": [" ", "snow "], "q": ["  "]})
    assert (asked.count, asked.unwanted, asked.caption) == (MOST, ("snow",), "")


def test_a_page_is_a_window_of_the_newest() -> None:
    assert Asked().window == (0, 24)
    assert Asked(count=240).window == (0, 240)
    assert from_params({"page": ["3"], "k": ["48"]}).window == (480, 240)
    assert from_params({"page": ["0"]}).window == (0, 24)
    assert as_link(Asked(page=3)) == "?page=3"


def test_a_folder_is_made_absolute(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    assert from_params({"in": [str(tmp_path / "link")]}).wanted.folders == (str(tmp_path.resolve()),)


def test_other_words_begin_at_the_top() -> None:
    assert ALL.first_page(caption="a cat").count == PAGE
    assert ALL.first_page(caption="a cat").page == 1
    assert ALL.first_page(caption="a cat").also == ("a ball",)


def test_a_query_has_no_filter_where_none_is_set() -> None:
    assert as_query(Asked(caption="a dog")).filter is None
    assert as_query(ALL).filter == ALL.wanted
    assert (as_query(ALL).fold, as_query(Asked(caption="a dog")).fold) == (False, True)
    assert [each.caption for each in as_query(ALL).also] == ["a ball"]


def test_words_for_people() -> None:
    assert as_words(Asked(caption="a dog")) == "“a dog”"
    assert as_words(Asked(caption="a dog", wanted=Filter(rating=3))) == "“a dog”, 1 filter"
    assert as_words(Asked(wanted=Filter(rating=3, copies=True))) == "all photos, 2 filters"
    assert as_words(Asked(caption="a dog", fold=False)) == "“a dog”, versions of a photo apart"
    assert as_words(Asked(like=7)) == "a photo like photo 7"
