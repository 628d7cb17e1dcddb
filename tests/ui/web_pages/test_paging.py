"""Walking through a library of 500 photos, and what is said where a search ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import ui
from storage.library import Library
from storage.records import FileState, ModelRef, NewPhoto, PhotoFacts
from tests.ui.visiting import html, visited
from ui.web_pages import search_page

SCRIPT = Path(ui.__file__).with_name("web.py")
COUNT = 500


@pytest.fixture(autouse=True)
def library(
    tmp_path: Path, bridgelens: object, encoder: object, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Photos 1.jpg to 500.jpg, each an hour older than the one before; half are of each camera."""
    monkeypatch.setattr(search_page, "HEAD_START_S", 0)
    model = ModelRef(encoder.fingerprint, encoder.name, encoder.dim)  # type: ignore[attr-defined]
    vector = np.eye(model.dim, dtype=np.float32)[0]
    with Library.open(tmp_path / "library", create=True, write=True) as made:
        made.add_root(tmp_path)
        made.add(model, [_photo(tmp_path, number, vector) for number in range(1, COUNT + 1)])
    yield
    st.cache_resource.clear()


def _photo(folder: Path, number: int, vector: np.ndarray) -> NewPhoto:
    facts = PhotoFacts(
        f"h{number}", 40, 30, "JPEG",
        taken_at=datetime(2024, 1, 31) - timedelta(hours=number),
        camera="Canon EOS R5" if number > 250 else "Leica M10",
    )  # fmt: skip
    return NewPhoto(FileState(str(folder / f"{number}.jpg"), 1, 1), facts, vector)


def visit(**query: str) -> AppTest:
    return visited(SCRIPT, 60, query)


def numbers(page: AppTest) -> list[int]:
    """The numbers of the photos shown, in order."""
    return [int(each) for each in re.findall(r'class="bl-name"[^>]*>(?:\d+\. )?(\d+)\.jpg<', html(page))]


def press(page: AppTest, label: str) -> None:
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception


def enabled(page: AppTest) -> dict[str, bool]:
    return {b.label: not b.disabled for b in page.button if b.label in ("Previous", "Next", "Show more")}


def test_pages_hold_every_photo_once_and_no_page_more_than_240() -> None:
    page = visit()
    assert numbers(page) == [*range(1, 25)]
    press(page, "Page through all 500")
    assert (numbers(page), enabled(page)) == ([*range(1, 241)], {"Previous": False, "Next": True})
    assert "1 to 240 of 500" in html(page)
    assert "scrollTo" not in html(page)  # the first are where they were
    press(page, "Next")
    assert (numbers(page), enabled(page)) == ([*range(241, 481)], {"Previous": True, "Next": True})
    assert page.query_params["page"] == "2"
    assert "The newest photos, 241 to 480:" in html(page)
    assert "241 to 480 of 500" in html(page)
    assert "/* page 2 */" in html(page)
    press(page, "Next")
    assert (numbers(page), enabled(page)) == ([*range(481, 501)], {"Previous": True, "Next": False})
    assert "481 to 500 of 500" in html(page)
    press(page, "Previous")
    press(page, "Previous")
    assert numbers(page) == [*range(1, 241)]
    assert "page" not in page.query_params


def test_a_reload_shows_the_same_page_and_its_photos_lead_back_to_it() -> None:
    page = visit(page="2", camera="Canon EOS R5")
    assert numbers(page) == [*range(491, 501)]
    assert "241 to 250 of 250" in html(page)
    assert 'href="photo?id=491&amp;camera=Canon+EOS+R5&amp;page=2&amp;among=491,' in html(page)


def test_a_page_past_the_end_says_so_and_leads_to_the_last() -> None:
    page = visit(page="9")
    assert (numbers(page), enabled(page)) == ([], {"Previous": True, "Next": False})
    assert "There are not so many photos" in html(page)
    press(page, "Previous")
    assert numbers(page) == [*range(481, 501)]


def test_a_filter_begins_at_the_first_page() -> None:
    page = visit(page="2", camera="Canon EOS R5")
    page.toggle(key="f-copies").set_value(True).run()
    assert dict(page.query_params).keys() == {"camera", "copies"}
    assert "No photo fits the filters" in html(page)


def test_a_search_says_where_it_ends_and_why() -> None:
    page = visit(q="red", rerank="false", k="216")
    assert "The list ends here" not in html(page)
    press(page, "Show more")
    assert len(numbers(page)) == 240
    assert enabled(page) == {}
    assert "a search shows the 240 best of the 500 photos at most" in html(page)
    assert "A more exact caption or a filter finds others." in html(page)
