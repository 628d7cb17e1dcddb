"""The page of one photo in a real browser, over a library of its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from storage.filters import Filter
from storage.library import Library
from tests.e2e.serving import PATIENCE_MS
from ui.photo_address import photo_link
from ui.search_address import Asked, as_link, from_params

HOSTILE = "<img src=x onerror=alert(1)>.jpg"

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def place(bridgelens_here: Callable[..., object], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two photos, one of them under a hostile name and larger than the page shows it, and their library."""
    place = tmp_path_factory.mktemp("place").resolve()
    (place / "photos").mkdir()
    exif = Image.Exif()
    exif[0x010F] = "<b>Maker</b>"
    exif.get_ifd(0x8769)[0x9003] = "2024:05:17 10:30:00"  # in its own part, as cameras write it
    large = Image.effect_mandelbrot((2000, 1500), (-2, -1.2, 1, 1.2), 20).convert("RGB")
    large.save(place / "photos" / HOSTILE, exif=exif)
    Image.new("RGB", (160, 120), "red").save(place / "photos" / "red.png")
    bridgelens_here("index", place / "photos", "--library", place / "library")
    return place


@pytest.fixture(scope="module")
def ids(place: Path) -> dict[str, int]:
    with Library.open(place / "library") as library:
        at = library.photo_ids_at([str(file) for file in (place / "photos").iterdir()])
    return {os.path.basename(path): photo_id for path, photo_id in at.items()}


@pytest.fixture(scope="module")
def address(serve: Callable[..., str], place: Path) -> str:
    return serve(BRIDGELENS_LIBRARY=str(place / "library"))


def visit(page: Page, address: str, ids: dict[str, int], name: str, caption: str = "") -> None:
    page.goto(f"{address}/{photo_link(ids[name], Asked(caption), [ids['red.png'], ids[HOSTILE]])}")
    shows(page, name)


def shows(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name)).to_be_visible(timeout=PATIENCE_MS)


def turn(page: Page, key: str, name: str) -> None:
    """Press a key until its photo is there: Streamlit hears none in the first moment after a page is loaded.

    No key turns too far, as there are two photos.
    """
    for _ in range(4):
        page.keyboard.press(key)
        with suppress(AssertionError):
            return expect(page.get_by_role("heading", name=name)).to_be_visible(timeout=15_000)
    pytest.fail(f"{key} does not lead to {name}")


def test_arrow_keys_walk_through_the_results_and_escape_leads_back(
    page: Page, address: str, ids: dict[str, int]
) -> None:
    visit(page, address, ids, "red.png", "a red wall")
    turn(page, "ArrowRight", HOSTILE)
    expect(page.get_by_text("2 of 2")).to_be_visible(timeout=PATIENCE_MS)
    page.reload()
    shows(page, HOSTILE)
    turn(page, "ArrowLeft", "red.png")
    page.keyboard.press("Escape")
    expect(page.get_by_role("textbox", name="Caption")).to_have_value("a red wall", timeout=PATIENCE_MS)


def test_escape_and_the_browsers_back_lead_to_the_whole_search(page: Page, address: str) -> None:
    wanted = Filter(kinds=("photo",), taken_from=date(2024, 5, 1))
    search = Asked("a red wall", unwanted=("snow", "a <b>dog</b>"), wanted=wanted, count=48)

    def is_there() -> None:
        page.wait_for_url(lambda url: from_params(parse_qs(urlsplit(url).query)) == search)
        expect(page.locator(".bl-name")).to_have_text([f"1. {HOSTILE}"], timeout=PATIENCE_MS)
        expect(page.get_by_role("textbox", name="Caption")).to_have_value("a red wall")
        expect(page.locator(".st-key-chips").get_by_role("button")).to_have_count(5)

    page.goto(f"{address}/{as_link(search)}")
    is_there()
    page.locator(".bl-photo > a").click()
    shows(page, HOSTILE)
    page.go_back()
    is_there()
    page.locator(".bl-photo > a").click()
    shows(page, HOSTILE)
    page.get_by_role("button", name="Back to the search").click()
    is_there()


def test_a_large_copy_without_exif_and_every_text_as_text(
    page: Page, address: str, ids: dict[str, int], place: Path
) -> None:
    visit(page, address, ids, HOSTILE)
    picture = page.get_by_role("img", name=HOSTILE)
    expect(picture).to_have_js_property("naturalWidth", 1600, timeout=PATIENCE_MS)
    expect(page.get_by_text("<b>Maker</b>")).to_be_visible()
    expect(page.get_by_text("2024-05-17 10:30:00")).to_be_visible()
    expect(page.locator("code").filter(has_text=str(place / "photos" / HOSTILE))).to_be_visible()
    assert "Maker" not in (picture.get_attribute("src") or "")
    assert page.locator('img[src="x"]').count() == 0
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the original").click()
    assert Path(download.value.path()).read_bytes() == (place / "photos" / HOSTILE).read_bytes()


def test_words_and_heat_map_come_when_asked(page: Page, address: str, ids: dict[str, int]) -> None:
    visit(page, address, ids, "red.png", "a red wall")
    caption = page.get_by_label("Caption to explain")
    expect(caption).to_have_value("a red wall")
    caption.press("End")
    caption.press("ArrowRight")  # moves the cursor here, and turns no page
    page.get_by_role("button", name="Explain the match").click()
    words = page.get_by_role("list", name="What each word adds").get_by_role("listitem")
    expect(words).to_have_count(3, timeout=PATIENCE_MS)
    expect(page.get_by_role("img", name="red.png, with where its match comes from")).to_be_visible()
    page.get_by_role("button", name="Fill it in").click()
    expect(page.get_by_role("list", name="Words for the blank").get_by_role("listitem")).to_have_count(
        8, timeout=PATIENCE_MS
    )


def test_a_word_that_is_typed_is_stored(page: Page, address: str, ids: dict[str, int], place: Path) -> None:
    visit(page, address, ids, "red.png")
    box = page.get_by_role("combobox", name="Tags")
    box.fill("Brick Wall")
    box.press("Enter")
    box.press("Tab")
    page.get_by_role("button", name="Save the tags").click()
    expect(page.get_by_role("button", name="Remove brick wall", exact=True)).to_be_visible(
        timeout=PATIENCE_MS
    )
    with Library.open(place / "library") as library:
        assert [tag.word for tag in library.tags.of([ids["red.png"]])[ids["red.png"]]] == ["brick wall"]
    among = [ids["red.png"], ids[HOSTILE]]
    expect(page).to_have_url(f"{address}/{photo_link(ids['red.png'], among=among)}")
