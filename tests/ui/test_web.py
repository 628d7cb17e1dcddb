"""The page's script in Streamlit's own test harness; tests/e2e has it in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

import ui
from model.errors import CheckpointNotFound
from storage.library import Library
from tests.ui.visiting import html, visited
from ui import compose
from ui.settings import Settings
from ui.web_pages import search_page

PAGE = Path(ui.__file__).with_name("web.py")
Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def nothing_cached(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test opens its own library and model, and waits for no browser."""
    monkeypatch.setattr(search_page, "HEAD_START_S", 0)
    yield
    st.cache_resource.clear()


def visit(**query: str) -> AppTest:
    return visited(PAGE, 30, query)


def test_no_library_yet(bridgelens: Run) -> None:
    page = html(visit())
    assert "No library yet" in page
    assert "bridgelens index FOLDER --library" in page


def test_empty_library(bridgelens: Run, encoder: object, tmp_path: Path) -> None:
    Library.open(tmp_path / "library", create=True, write=True).close()
    assert "The library is empty" in html(visit(q="a dog"))


def test_examples_and_the_newest_photos_before_a_caption_and_a_click_searches(
    bridgelens: Run, encoder: object, photos: Path
) -> None:
    bridgelens("index", photos)
    page = visit()
    assert html(page).count("<figure") == 3
    assert "The newest photos" in html(page)
    example = next(button for button in page.button if button.label == "a dog running on a beach")
    example.click().run()
    assert page.text_input(key="caption").value == example.label
    assert page.query_params["q"] == example.label
    assert "1. " in html(page)


def test_the_box_has_a_head_start_at_the_first_run_unless_it_searches(
    bridgelens: Run, encoder: object, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridgelens("index", photos)
    waited: list[float] = []
    monkeypatch.setattr(search_page, "time", SimpleNamespace(sleep=waited.append))
    monkeypatch.setattr(search_page, "HEAD_START_S", 7)
    page = visit()
    assert waited == [7]
    page.run()
    visit(q="green")
    assert waited == [7]


def test_search_from_the_url(bridgelens: Run, encoder: object, photos: Path) -> None:
    bridgelens("index", photos)
    page = visit(q="green", k="2")
    assert page.text_input(key="caption").value == "green"
    body = html(page)
    assert body.index("1. green.png") < body.index("2. ")
    assert body.count("<figure") == 2
    assert "<span>ITM 98.2%</span>" in body
    assert "2 of 3 photos" in body
    assert "colours knows red, green and blue" in body


def test_without_rerank(bridgelens: Run, encoder: object, photos: Path) -> None:
    bridgelens("index", photos)
    body = html(visit(q="green", rerank="false"))
    assert "1. green.png" in body
    assert "ITM" not in body
    assert "<span>similarity 1.00</span>" in body


BY_ODDS = {
    "similarity": 0.0, "log_odds": 1.0, "above_mean": 0.0, "log_share": 0.0, "log_size": 0.0,
    "constant": 0.0, "threshold": 0.5,
}  # fmt: skip
"""A calibration that takes ITM's odds as they are: 98.2% for the right colour."""


def test_raw_scores_are_said_to_be_raw(bridgelens: Run, encoder: object, photos: Path) -> None:
    bridgelens("index", photos)
    assert "The scores are raw" in html(visit(q="green"))
    assert "The scores are raw" not in html(visit(q="green", rerank="false"))


def test_a_calibrated_checkpoint_says_when_nothing_matches(
    bridgelens: Run, encoder: Any, photos: Path
) -> None:
    encoder.calibration = BY_ODDS
    (photos / "green.png").unlink()
    bridgelens("index", photos)
    body = html(visit(q="green"))
    assert body.index("Nothing here matches") < body.index("<figure")  # the nearest are shown all the same
    assert body.count("<figure") == 2
    body = html(visit(q="red"))
    assert "Nothing here matches" not in body and "The scores are raw" not in body
    assert "<b>strong match</b>" in body and "<span>98.2%</span>" in body
    assert "strong match is right with 75% or more, a weak one with less than 50%" in body
    assert body.index("1. red.png") < body.index("Weak matches") < body.index("2. ")


def test_photo_gone_since_it_was_indexed(bridgelens: Run, encoder: object, photos: Path) -> None:
    bridgelens("index", photos)
    (photos / "red.png").unlink()
    body = html(visit(q="red"))
    assert "1. red.png" in body
    assert body.count("<img") == 2


def test_photos_added_meanwhile_are_found(bridgelens: Run, encoder: object, photos: Path) -> None:
    (photos / "red.png").rename(photos.parent / "red.png")
    bridgelens("index", photos)
    page = visit(q="red")
    assert "red.png" not in html(page)
    (photos.parent / "red.png").rename(photos / "red.png")
    bridgelens("index", photos)
    page.run()
    assert "1. red.png" in html(page)


def test_refusals_are_notes_and_escaped(
    bridgelens: Run, encoder: object, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridgelens("index", photos)

    def refuse(settings: Settings) -> None:
        raise CheckpointNotFound("no checkpoint <b>x</b>")

    monkeypatch.setattr(compose, "load_model", refuse)
    body = html(visit(q="red"))
    assert "The model cannot be loaded" in body
    assert "no checkpoint &lt;b&gt;x&lt;/b&gt;" in body


def test_a_photo_to_resemble_that_is_gone_is_said(bridgelens: Run, encoder: object, photos: Path) -> None:
    bridgelens("index", photos)
    page = visit(like="99")
    assert "photo 99 is not in this library any more" in html(page)
    assert [box.label for box in page.sidebar.selectbox] == ["Folder"]  # the filters are there all the same


def test_more_like_a_photo_leaves_the_photo_itself_out(
    bridgelens: Run, encoder: object, photos: Path
) -> None:
    bridgelens("index", photos)
    body = html(visit(like="1"))
    assert body.count("<figure") == 2
    assert 'class="bl-more-like" href="?like=1"' not in body


def test_filters_that_leave_nothing_say_so(bridgelens: Run, encoder: object, photos: Path) -> None:
    bridgelens("index", photos)
    assert "No photo fits the filters" in html(visit(rating="5"))
    assert "No photo fits the filters" in html(visit(q="red", rating="5"))


def test_a_folder_that_is_away_is_named_and_its_photos_found(
    bridgelens: Run, encoder: object, photos: Path
) -> None:
    bridgelens("index", photos)
    photos.rename(photos.parent / "away")
    body = html(visit(q="red"))
    assert f"{photos} is not there or empty: its photos are found" in body
    assert "1. red.png" in body


def test_without_a_rerank_nothing_can_be_unwanted(bridgelens: Run, encoder: object, photos: Path) -> None:
    bridgelens("index", photos)
    page = visit(**{"q": "red", "not": "green", "rerank": "false"})
    assert "switch it on" in html(page)


def test_searches_of_the_visit_are_links_and_one_typed_in_parts_is_one(
    bridgelens: Run, encoder: object, photos: Path
) -> None:
    bridgelens("index", photos)
    page = visit(q="red")
    for caption in ("green", "green or blue"):
        page.text_input(key="caption").set_value(caption).run()
    lists = next(body for body in html(page).split("bl-links") if "In this visit" in body)
    assert lists.index('href="?q=green+or+blue"') < lists.index('href="?q=red"')
    assert 'href="?q=green"' not in lists


def test_versions_are_folded_into_one_and_a_link_from_it_unfolds_them(
    bridgelens: Run, encoder: object, photos: Path
) -> None:
    Image.new("RGB", (80, 60), "red").save(photos / "red large.png")
    (photos / "copy.png").write_bytes((photos / "green.png").read_bytes())
    bridgelens("index", photos)
    folded = html(visit(q="red", k="48"))
    assert folded.count("<figure") == 3
    link = '<a class="bl-versions" href="?q=red&amp;fold=false&amp;k=48" target="_self"'
    assert (folded.count(link), folded.count("+1 version<"), folded.count("+1 copy<")) == (1, 1, 1)
    page = visit(q="red", k="48", fold="false")
    assert html(page).count("<figure") == 4
    assert "1. red" in html(page) and "2. red" in html(page)
    assert "+1 version" not in html(page)
    next(button for button in page.button if button.label == "versions of a photo apart").click().run()
    assert html(page).count("<figure") == 3
    page.toggle(key="fold").set_value(False).run()
    assert page.query_params["fold"] == "false"
    assert html(page).count("<figure") == 4
