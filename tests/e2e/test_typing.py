"""What is on the page while somebody types and photos are judged: one answer, and never none."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.serving import PATIENCE_MS

HELD_WEB = Path(__file__).with_name("held_web.py")
NOTE_GAPS = """
window.gaps = 0;
new MutationObserver(() => { if (!document.querySelector(".bl-scores")) window.gaps += 1; })
  .observe(document.querySelector(".stApp"), {childList: true, subtree: true});
"""

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def test_an_answer_takes_the_place_of_the_newest_photos_and_stays_until_the_next(
    index_run: subprocess.CompletedProcess[str], serve: Callable[..., str], browser: Browser, tmp_path: Path
) -> None:
    assert index_run.returncode == 0
    hold = tmp_path / "hold"
    hold.touch()
    page = browser.new_page()
    page.goto(serve(command=[sys.executable, str(HELD_WEB), str(hold)]))
    try:
        expect(page.get_by_text("The newest photos")).to_be_visible(timeout=PATIENCE_MS)
        box = page.get_by_role("textbox", name="Caption")
        box.press_sequentially("a red motorcycle")
        badge = page.locator(".bl-badge")
        expect(badge).to_have_text("re-ranking 0 of 15", timeout=PATIENCE_MS)
        expect(page.locator(".bl-photo:has(.bl-scores)").first).to_be_visible()
        expect(page.locator(".bl-photo:not(:has(.bl-scores))")).to_have_count(0)
        expect(page.get_by_text("The newest photos")).to_have_count(0)

        page.evaluate(NOTE_GAPS)
        first = page.locator(".bl-name").first
        before = first.inner_text()
        box.fill("a cup of coffee")
        expect(first).not_to_have_text(before, timeout=PATIENCE_MS)
        assert page.evaluate("window.gaps") == 0
    finally:
        hold.unlink()
        page.close()
