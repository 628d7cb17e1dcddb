"""Walking through more photos than a page holds, in a real headless Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from storage.records import PhotoFacts
from tests.e2e.rows import library_of_rows
from tests.e2e.serving import PATIENCE_MS

"""For a page that begins while its server loads a model; every wait ends as soon as its condition holds."""
DRAWN = ".stApp[data-test-script-state='notRunning']"

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def address(tmp_path: Path, serve: Callable[..., str]) -> str:
    """The URL of a page over 500 photos without a date, the newest is 500.jpg."""
    photos = {number: PhotoFacts(f"h{number}", 40, 30, "JPEG") for number in range(1, 501)}
    return serve(BRIDGELENS_LIBRARY=str(library_of_rows(tmp_path, photos)))


def test_a_page_begins_at_its_top_and_reload_and_back_lead_where_one_was(page: Page, address: str) -> None:
    first, top = page.locator(".bl-name").first, page.get_by_role("textbox", name="Caption")
    page.goto(address)
    expect(page.locator(DRAWN)).to_be_attached(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Page through all 500").click()
    expect(page.locator(".bl-name")).to_have_count(240, timeout=PATIENCE_MS)
    page.get_by_role("button", name="Next").click()
    expect(first).to_have_text("260.jpg", timeout=PATIENCE_MS)
    expect(page.get_by_text("241 to 480 of 500")).to_be_attached()
    expect(top).to_be_in_viewport()
    page.get_by_role("button", name="Next").click()
    expect(first).to_have_text("20.jpg", timeout=PATIENCE_MS)
    expect(top).to_be_in_viewport()
    page.go_back()
    expect(first).to_have_text("260.jpg", timeout=PATIENCE_MS)
    expect(page.locator(".bl-name")).to_have_count(240, timeout=PATIENCE_MS)
    page.reload()
    expect(first).to_have_text("260.jpg", timeout=PATIENCE_MS)
    expect(page).to_have_url(re.compile(r"/\?page=2$"))
