"""The page at /docs in a real headless Chromium: it shows the routes, and asks nobody but this server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.serving import PATIENCE_S, served


@pytest.mark.slow
@pytest.mark.browser
def test_the_page_shows_the_routes_without_a_network(
    browser: Browser, command_line: list[str], environment: Mapping[str, str], tmp_path: Path
) -> None:
    """No library is needed for it."""
    own = {**environment, "BRIDGELENS_LIBRARY": str(tmp_path / "none")}
    with served(command_line, own, tmp_path / "log") as (address, _):
        page = browser.new_page()
        asked: set[str | None] = set()
        refused: list[str] = []
        page.on("request", lambda request: asked.add(urlsplit(request.url).hostname))
        page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
        page.goto(f"{address}/docs")
        expect(page.get_by_text("/search/stream")).to_be_visible(timeout=PATIENCE_S * 1000)
        expect(page.get_by_text("Search, with answers that get better")).to_be_visible()
        page.close()
    assert asked <= {"127.0.0.1", None}, "a data: URL has no host name"
    assert refused == []
    assert "there is no library in" in (tmp_path / "log").read_text()
