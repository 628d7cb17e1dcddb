"""Two people at one running page: the search of one, however long it takes, is not in the other's way."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.serving import PATIENCE_MS

HELD_WEB = Path(__file__).with_name("held_web.py")

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def names(page: Page) -> list[str]:
    """The files found, in their order."""
    expect(page.locator(".bl-name").first).to_be_visible(timeout=PATIENCE_MS)
    return page.locator(".bl-name").all_inner_texts()


def test_a_re_rank_under_way_holds_up_nobody_else(
    index_run: subprocess.CompletedProcess[str], serve: Callable[..., str], browser: Browser, tmp_path: Path
) -> None:
    assert index_run.returncode == 0
    hold = tmp_path / "hold"
    hold.touch()
    address = serve(command=[sys.executable, str(HELD_WEB), str(hold)])
    with ExitStack() as visits:
        visits.callback(hold.unlink, missing_ok=True)
        first, second = (visits.enter_context(browser.new_context()).new_page() for _ in range(2))
        first.goto(f"{address}/?q=a+red+motorcycle")
        expect(first.locator(".bl-badge")).to_have_text("re-ranking 0 of 15", timeout=PATIENCE_MS)

        second.goto(f"{address}/?q=a+person+taking+a+photo&rerank=false")
        by_similarity = names(second)
        second.goto(f"{address}/?q=a+person+taking+a+photo")
        expect(second.locator(".bl-badge")).to_have_text("re-ranking 0 of 15", timeout=PATIENCE_MS)
        assert names(second) == by_similarity
        expect(second.locator(".bl-scores").first).to_contain_text("similarity 0.")
        expect(first.locator(".bl-badge")).to_have_text("re-ranking 0 of 15")

        hold.unlink()
        for page, best in ((first, r"^1\. motorcycle_"), (second, r"^1\. camera")):
            expect(page.locator(".bl-badge")).to_have_count(0, timeout=PATIENCE_MS)
            expect(page.locator(".bl-scores").first).to_contain_text("match")
            expect(page.locator(".bl-name").first).to_have_text(re.compile(best))
