"""A visit over several loads of the page, in real browsers: each tile is a link, and a link a new load."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.serving import PATIENCE_MS

PASSWORD = "correct horse"

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def address(index_run: subprocess.CompletedProcess[str], serve: Callable[..., str]) -> str:
    """The URL of a page over the library of real photos, behind a password."""
    assert index_run.returncode == 0
    return serve(BRIDGELENS_PASSWORD=PASSWORD)


@contextmanager
def visited(browser: Browser, address: str) -> Iterator[Page]:
    """The page in a browser that has no cookies yet."""
    with browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(address)
        yield page


def password(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Password")


def open_photo_and_go_back(page: Page) -> None:
    page.locator(".bl-photo > a").first.click()
    expect(page).to_have_url(re.compile(r"/photo\?id="))
    expect(page.get_by_role("heading", name=re.compile(r"\.(png|jpg)$"))).to_be_visible(timeout=PATIENCE_MS)
    page.go_back()
    expect(page.locator(".bl-name").first).to_be_visible(timeout=PATIENCE_MS)


def test_a_visit_goes_from_photo_to_photo_and_another_browser_has_none_of_it(
    browser: Browser, address: str
) -> None:
    with visited(browser, f"{address}/?q=a+red+motorcycle&rerank=false") as mine:
        password(mine).fill(PASSWORD)
        password(mine).press("Enter")
        mine.get_by_text("Select photos").click()
        mine.get_by_role("checkbox", name="Mark photo 1", exact=True).check(force=True)
        expect(mine.get_by_text("1 marked")).to_be_visible(timeout=PATIENCE_MS)

        open_photo_and_go_back(mine)
        expect(mine.get_by_text("1 marked")).to_be_visible(timeout=PATIENCE_MS)
        expect(mine.get_by_role("checkbox", name="Mark photo 1", exact=True)).to_be_checked()
        mine.goto(address)
        expect(mine.get_by_text("1 marked")).to_be_visible(timeout=PATIENCE_MS)
        mine.get_by_role("button", name="Searches").click()
        expect(mine.get_by_role("link", name=re.compile("a red motorcycle"))).to_be_visible()
        assert password(mine).count() == 0
        ((name, site),) = [
            (each["name"], each["sameSite"])
            for each in mine.context.cookies()
            if each["name"].startswith("bridgelens")
        ]
        assert (name, site) == (f"bridgelens-visit-{address.rsplit(':', 1)[1]}", "Strict")

        with visited(browser, address) as other:
            expect(password(other)).to_be_visible(timeout=PATIENCE_MS)
            assert other.locator(".bl-name").count() == 0
            password(other).fill(PASSWORD)
            password(other).press("Enter")
            expect(other.locator(".bl-name").first).to_be_visible(timeout=PATIENCE_MS)
            expect(other.get_by_role("switch", name="Select photos")).not_to_be_checked()


def test_who_leaves_is_asked_again_in_every_tab(browser: Browser, address: str) -> None:
    with visited(browser, f"{address}/?q=a+red+motorcycle&rerank=false") as page:
        password(page).fill(PASSWORD)
        password(page).press("Enter")
        expect(page.locator(".bl-name").first).to_be_visible(timeout=PATIENCE_MS)
        other = page.context.new_page()
        other.goto(address)
        expect(other.locator(".bl-name").first).to_be_visible(timeout=PATIENCE_MS)
        token = {each["name"]: each["value"] for each in page.context.cookies()}

        page.get_by_role("button", name="Leave").click()
        expect(password(page)).to_be_visible(timeout=PATIENCE_MS)
        expect(page).to_have_url(re.compile(r"^[^?]*$"))
        assert page.locator(".bl-name").count() == 0
        page.wait_for_function("() => !document.cookie.includes('bridgelens')")
        other.get_by_text("Re-rank", exact=True).click()
        expect(password(other)).to_be_visible(timeout=PATIENCE_MS)
        kept = [{"name": name, "value": value, "url": address} for name, value in token.items()]
        page.context.add_cookies(kept)  # type: ignore[arg-type]
        page.reload()
        expect(password(page)).to_be_visible(timeout=PATIENCE_MS)
