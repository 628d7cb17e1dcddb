"""axe-core finds nothing serious on any page, light or dark."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from ui.photo_address import photo_link
from ui.search_address import Asked
from ui.web_pages.map_section import HOW

PATIENCE_MS = 90_000
"""For what draws a map or loads a model; every wait ends as soon as its condition holds."""
DRAWN = ".stApp[data-test-script-state='notRunning']"
pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def address(index_run: subprocess.CompletedProcess[str], serve: Callable[..., str]) -> str:
    """A page over the library of real photos."""
    assert index_run.returncode == 0
    return serve()


def problems(page: Page, name: str) -> list[str]:
    """What axe calls serious or critical, a line each: the page, the rule, and the element that breaks it."""
    found = Axe().run(page).response["violations"]
    return [
        f"{name}: {rule['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for rule in found
        for node in rule["nodes"]
        if rule["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_on_any_page(page: Page, address: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(f"{address}/?q=a+red+motorcycle")
    expect(page.get_by_role("img").first).to_be_visible(timeout=PATIENCE_MS)
    found = problems(page, "Search")
    page.goto(f"{address}/?q=two+dogs+playing+in+the+snow")
    expect(page.get_by_role("heading", name="Nothing here matches")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(DRAWN)).to_be_attached(timeout=PATIENCE_MS)
    page.get_by_role("combobox", name="Kind").click()
    expect(page.get_by_role("option", name="photo (15)")).to_be_visible(timeout=PATIENCE_MS)
    found += problems(page, "Search, nothing matches, a filter open")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Narrow it down").click()
    expect(page.get_by_role("textbox", name="It also shows")).to_be_visible(timeout=PATIENCE_MS)
    found += problems(page, "Search, narrowed down")
    page.goto(f"{address}/{photo_link(1, Asked('a red motorcycle'), [1, 2])}")
    expect(page.locator(".bl-large img")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Explain the match").click()
    expect(page.locator(".bl-bars li").first).to_be_visible(timeout=PATIENCE_MS)
    found += problems(page, "Photo")
    page.goto(f"{address}/library")
    expect(page.get_by_role("table")).to_be_visible(timeout=PATIENCE_MS)
    found += problems(page, "Library")
    page.goto(f"{address}/insight")
    expect(page.get_by_text(HOW)).to_be_visible(timeout=PATIENCE_MS)
    found += problems(page, "Insight")
    assert not found, "\n".join(found)
