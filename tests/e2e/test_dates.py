"""The slider of months over a library with dates, in a real headless Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from storage.records import PhotoFacts
from tests.e2e.rows import library_of_rows

PATIENCE_MS = 60_000

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def address(tmp_path: Path, serve: Callable[..., str]) -> str:
    """The URL of a page over a photo of January and one of March."""
    photos = {
        month: PhotoFacts(f"h{month}", 40, 30, "JPEG", taken_at=datetime(2020, month, 5)) for month in (1, 3)
    }
    return serve(BRIDGELENS_LIBRARY=str(library_of_rows(tmp_path, photos)))


def test_a_caption_and_a_choice_elsewhere_leave_the_months_as_they_are(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".bl-name")).to_have_count(2, timeout=PATIENCE_MS)
    expect(page.get_by_role("slider").first).to_be_attached(timeout=PATIENCE_MS)
    page.get_by_role("textbox", name="Caption").press_sequentially("snow", delay=20)
    expect(page).to_have_url(re.compile(r"\?q=snow$"), timeout=PATIENCE_MS)
    page.get_by_text("Re-rank", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?q=snow&rerank=false$"), timeout=PATIENCE_MS)
    expect(page.get_by_text("encountered an error")).to_have_count(0)
