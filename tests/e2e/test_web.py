"""The page as a person meets it: the real `bridgelens web` with mini, in a real headless Chromium."""

from __future__ import annotations

import http.client
import re
import subprocess
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

CAPTION, BEST = "a red motorcycle", re.compile(r"^1\. motorcycle_(left|right)\.png$")
HOSTILE = "<img src=x onerror=alert(1)>.jpg"
PATIENCE_MS = 60_000
"""For what loads a model; every wait ends as soon as its condition holds."""

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def address(index_run: subprocess.CompletedProcess[str], serve: Callable[..., str]) -> str:
    """The URL of a running page over the library of real photos."""
    assert index_run.returncode == 0
    return serve()


def search(page: Page, caption: str) -> None:
    """Type a caption as a person would."""
    box = page.get_by_role("textbox", name="Caption")
    box.fill(caption)
    box.press("Enter")


def names(page: Page) -> list[str]:
    """The ranks and file names shown, in order."""
    return page.locator(".bl-name").all_inner_texts()


def test_caption_finds_the_photo_and_survives_a_reload(page: Page, address: str) -> None:
    page.goto(address)
    search(page, CAPTION)
    first = page.locator(".bl-name").first
    expect(first).to_have_text(BEST, timeout=PATIENCE_MS)
    expect(page.locator(".bl-scores").first).to_have_text(
        re.compile(r"^\d+\.\d% match ?similarity -?\d\.\d{3}$")
    )
    expect(page).to_have_url(re.compile(r"\?q=a(\+|%20)red(\+|%20)motorcycle$"))
    before = names(page)
    page.reload()
    expect(page.get_by_role("textbox", name="Caption")).to_have_value(CAPTION, timeout=PATIENCE_MS)
    expect(first).to_have_text(BEST, timeout=PATIENCE_MS)
    assert names(page) == before


def test_rerank_can_be_switched_off_and_the_url_says_so(page: Page, address: str) -> None:
    page.goto(f"{address}/?q=a+red+motorcycle")
    expect(page.locator(".bl-scores b").first).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_text("Re-rank", exact=True).click()
    expect(page.locator(".bl-scores b")).to_have_count(0, timeout=PATIENCE_MS)
    expect(page).to_have_url(re.compile(r"[?&]rerank=false"))
    page.reload()
    expect(page.locator(".bl-photo")).to_have_count(12, timeout=PATIENCE_MS)
    expect(page.locator(".bl-scores b")).to_have_count(0)


def test_hostile_file_name_is_text(page: Page, address: str) -> None:
    page.goto(f"{address}/?q=a+flower&k=15")
    expect(page.locator(".bl-photo")).to_have_count(15, timeout=PATIENCE_MS)
    expect(page.locator(".bl-name").filter(has_text=HOSTILE)).to_have_count(1)
    assert page.locator('img[src="x"]').count() == 0


def test_photos_are_drawn_in_their_own_shape(page: Page, address: str) -> None:
    page.goto(f"{address}/?q=a+flower&k=15")
    expect(page.locator(".bl-photo")).to_have_count(15, timeout=PATIENCE_MS)
    shapes = page.locator(".bl-photo img").evaluate_all(
        "all => all.map(photo => [photo.naturalWidth / photo.naturalHeight, photo.width / photo.height])"
    )
    assert len(shapes) == 15
    for natural, drawn in shapes:
        assert drawn == pytest.approx(natural, rel=0.03)


def test_an_example_searches(page: Page, address: str) -> None:
    page.goto(address)
    example = page.get_by_role("button", name="a dog running on a beach")
    expect(example).to_be_visible(timeout=PATIENCE_MS)
    example.click()
    expect(page.locator(".bl-photo")).to_have_count(12, timeout=PATIENCE_MS)
    expect(page.get_by_role("textbox", name="Caption")).to_have_value("a dog running on a beach")


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1", 101), ("photos.example", 403)])
def test_page_is_not_reached_under_another_name(address: str, host: str, status: int) -> None:
    """DNS rebinding: a foreign page whose name points at 127.0.0.1 gets no connection."""
    port = urlsplit(address).port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    upgrade = {
        "Host": f"{host}:{port}",
        "Origin": f"http://{host}:{port}",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    connection.request("GET", "/_stcore/stream", headers=upgrade)
    assert connection.getresponse().status == status
    connection.close()
