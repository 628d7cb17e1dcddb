"""The months of the filter panel over a library with dates, in a real headless Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from storage.records import PhotoFacts
from tests.e2e.rows import library_of_rows
from tests.e2e.serving import PATIENCE_MS

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def address(tmp_path: Path, serve: Callable[..., str]) -> str:
    """The URL of a page over a photo of the fifth of January, March, April and June each."""
    photos = {
        month: PhotoFacts(f"h{month}", 40, 30, "JPEG", taken_at=datetime(2020, month, 5))
        for month in (1, 3, 4, 6)
    }
    return serve(BRIDGELENS_LIBRARY=str(library_of_rows(tmp_path, photos)))


def test_a_caption_and_a_choice_elsewhere_leave_the_months_as_they_are(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".bl-name")).to_have_count(4, timeout=PATIENCE_MS)
    expect(page.get_by_role("slider").first).to_be_attached(timeout=PATIENCE_MS)
    page.get_by_role("textbox", name="Caption").press_sequentially("snow", delay=20)
    expect(page).to_have_url(re.compile(r"\?q=snow$"), timeout=PATIENCE_MS)
    page.get_by_text("Re-rank", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?q=snow&rerank=false$"), timeout=PATIENCE_MS)
    expect(page.get_by_text("encountered an error")).to_have_count(0)


def opened(page: Page, address: str, *names: str) -> None:
    """The page once it has these photos, and the months."""
    page.goto(address)
    expect(page.locator(".bl-name")).to_have_text(names, timeout=PATIENCE_MS)
    expect(page.get_by_test_id("stVegaLiteChart").locator("svg")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".stApp[data-test-script-state='notRunning']")).to_be_visible(timeout=PATIENCE_MS)


def at(page: Page, months: float) -> tuple[float, float]:
    """Where on the page the bars are so many months after the beginning of January, of six."""
    plot = page.get_by_test_id("stVegaLiteChart").locator("svg .background").first.bounding_box()
    assert plot is not None
    return plot["x"] + plot["width"] * months / 6, plot["y"] + plot["height"] / 2


ALL = ("6.jpg", "4.jpg", "3.jpg", "1.jpg")


def drag(page: Page, begin: float, end: float) -> None:
    page.mouse.move(*at(page, begin))
    page.mouse.down()
    page.mouse.move(*at(page, end), steps=5)
    page.mouse.up()


def test_a_drag_over_bars_finds_these_months_and_a_double_click_all(page: Page, address: str) -> None:
    opened(page, address, *ALL)
    drag(page, 2.1, 3.8)
    expect(page).to_have_url(re.compile(r"\?after=2020-03-01&before=2020-04-30$"), timeout=PATIENCE_MS)
    opened(page, page.url, "4.jpg", "3.jpg")  # from its address alone
    drag(page, 2.9, 0.1)
    expect(page).to_have_url(re.compile(r"\?before=2020-03-31$"), timeout=PATIENCE_MS)
    names = page.locator(".bl-name")
    expect(names).to_have_text(["3.jpg", "1.jpg"], timeout=PATIENCE_MS)
    page.mouse.dblclick(*at(page, 1.5))
    expect(names).to_have_text(ALL, timeout=PATIENCE_MS)
    expect(page).not_to_have_url(re.compile("after|before"))


def test_an_end_of_the_slider_that_stays_keeps_its_day(page: Page, address: str) -> None:
    opened(page, f"{address}/?after=2020-03-05&before=2020-05-20", "4.jpg", "3.jpg")
    page.get_by_role("slider").last.focus()
    for last, names in (("2020-04-30", ["4.jpg", "3.jpg"]), ("2020-03-31", ["3.jpg"])):
        page.keyboard.press("ArrowLeft")
        expect(page).to_have_url(re.compile(rf"\?after=2020-03-05&before={last}$"), timeout=PATIENCE_MS)
        expect(page.locator(".bl-name")).to_have_text(names, timeout=PATIENCE_MS)
