"""Thumbnails of the page, asked for twice: by hand, and by a browser that loads the page again."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.serving import PATIENCE_MS

pytestmark = [pytest.mark.slow, pytest.mark.browser]

# How many bytes were sent for each picture that is on the page; 0 for one out of the browser's own cache.
SENT = """() => performance.getEntriesByType("resource")
    .filter(each => new URL(each.name).pathname.startsWith("/media/"))
    .map(each => [each.name, each.transferSize])"""
ALL_ARE_THERE = """() => {
    const all = [...document.querySelectorAll(".bl-photo img")];
    return all.length > 0 && all.every(each => each.complete && each.naturalWidth > 0);
}"""


def sent(page: Page) -> dict[str, int]:
    expect(page.locator(".bl-photo img").first).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_function(ALL_ARE_THERE)
    return dict(page.evaluate(SENT))


def test_a_thumbnail_is_sent_once(
    page: Page, index_run: subprocess.CompletedProcess[str], serve: Callable[..., str]
) -> None:
    assert index_run.returncode == 0
    address = serve()
    page.goto(address)
    first = sent(page)
    assert first and all(first.values())
    page.reload()
    again = sent(page)
    assert again.keys() == first.keys() and not any(again.values())

    (url, *_) = first
    answers = []
    for _ in range(2):
        with urlopen(url) as answer:
            answers.append((answer.status, answer.headers["Cache-Control"], answer.read()))
    assert answers[0] == answers[1]
    assert answers[0][:2] == (200, "private, max-age=31536000, immutable")
    with pytest.raises(HTTPError) as missing:
        urlopen(f"{address}/media/{'0' * 64}.jpg")
    with missing.value as refusal:
        assert (refusal.code, refusal.headers["Cache-Control"]) == (404, None)
