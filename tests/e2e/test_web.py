"""The page as a person meets it: the real `bridgelens web` with mini, in a real headless Chromium."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect, sync_playwright

CHROMIUM = os.environ.get("BRIDGELENS_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
CAPTION, BEST = "a red motorcycle", re.compile(r"^1\. motorcycle_(left|right)\.png$")
HOSTILE = "<img src=x onerror=alert(1)>.jpg"
PATIENCE_MS = 60_000
"""For what loads a model; every wait ends as soon as its condition holds."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(
        not Path(CHROMIUM).exists(), reason="no Chromium here; name one in BRIDGELENS_CHROMIUM to run these"
    ),
]


@pytest.fixture(scope="module")
def address(
    command_line: list[str],
    environment: Mapping[str, str],
    index_run: subprocess.CompletedProcess[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The URL of a running page over the library of real photos."""
    assert index_run.returncode == 0
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("web") / "log"
    with log.open("wb") as output:
        command = [*command_line, "web", "--port", str(port), "--no-browser"]
        server = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_served(f"{url}/_stcore/health", server, log)
            yield url
        finally:
            server.terminate()
            server.wait(30)


def wait_until_served(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return once `url` answers; fail with the log if the server ends or a minute passes before."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(url, timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"bridgelens web does not answer:\n{log.read_text(encoding='utf-8')}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests here, kept from speaking to anybody."""
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync", "--no-first-run"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh visit; afterwards, nothing but this machine was asked for and no dialog came up."""
    visit = browser.new_page(viewport={"width": 1280, "height": 900})
    visit.set_default_timeout(PATIENCE_MS)
    asked: set[str | None] = set()
    dialogs: list[str] = []
    visit.on("request", lambda request: asked.add(urlsplit(request.url).hostname))

    def note_dialog(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    visit.on("dialog", note_dialog)
    yield visit
    visit.close()
    assert asked <= {"127.0.0.1", None}, "a data: URL has no host name"
    assert dialogs == []


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
