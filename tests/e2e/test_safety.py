"""A page that other machines reach, over a library of hostile names, in a real browser."""

from __future__ import annotations

import http.client
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from storage.library import Library
from tests.e2e.serving import PATIENCE_MS
from ui.photo_address import photo_link
from ui.upload_sizes import LARGEST_MB

HOSTILE = "<img src=x onerror=alert(1)>.jpg"
HOSTILE_TAG = "![x](http://a.example/x.png)<img src=y onerror=alert(2)>"
PASSWORD = "correct horse"

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def place(bridgelens_here: Callable[..., object], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo with a hostile name and tag, its copy, a damaged file of such a name, and their library."""
    place = tmp_path_factory.mktemp("place").resolve()
    photos = place / "photos" / "<b>folder</b>"
    photos.mkdir(parents=True)
    Image.effect_mandelbrot((160, 120), (-2, -1.2, 1, 1.2), 20).convert("RGB").save(photos / HOSTILE)
    shutil.copy2(photos / HOSTILE, photos / f"copy of {HOSTILE}")
    (photos / f"damaged {HOSTILE}").write_bytes(b"this is no photo")
    bridgelens_here("index", place / "photos", "--library", place / "library")
    with Library.open(place / "library", write=True) as library:
        library.tags.give([1], HOSTILE_TAG)
    return place


@pytest.fixture(scope="module")
def address(serve: Callable[..., str], place: Path) -> str:
    return serve(
        "--host", "0.0.0.0", BRIDGELENS_LIBRARY=str(place / "library"), BRIDGELENS_PASSWORD=PASSWORD
    )  # fmt: skip


def enter(page: Page, address: str) -> None:
    """Visit an address and give the password."""
    page.goto(address)
    box = page.get_by_role("textbox", name="Password")
    box.fill(PASSWORD)
    box.press("Enter")
    expect(box).to_have_count(0, timeout=PATIENCE_MS)


def as_text(page: Page, text: str) -> None:
    """These words are on the page as they are, and nothing of them became a part of it."""
    expect(page.get_by_text(text).first).to_be_visible(timeout=PATIENCE_MS)
    assert page.locator("img[src='x'], img[src='y'], [onerror], b:text-is('folder')").count() == 0


def test_nobody_sees_anything_without_the_password(page: Page, address: str) -> None:
    page.goto(f"{address}/{photo_link(1)}")
    box = page.get_by_role("textbox", name="Password")
    box.fill("correct horsE")
    box.press("Enter")
    expect(page.get_by_role("status").filter(has_text="That is not the password")).to_be_visible()
    assert page.get_by_text(HOSTILE).count() == 0
    box.fill(PASSWORD)
    box.press("Enter")
    as_text(page, HOSTILE)


def test_names_and_tags_are_text_on_the_photo_page(page: Page, address: str) -> None:
    enter(page, f"{address}/{photo_link(1)}")
    expect(page.get_by_role("heading", name=HOSTILE)).to_be_visible(timeout=PATIENCE_MS)
    as_text(page, f"<b>folder</b>/copy of {HOSTILE}")
    as_text(page, HOSTILE_TAG)


def test_names_are_text_on_the_search_page(page: Page, address: str) -> None:
    enter(page, f"{address}/?q=a+flower")
    as_text(page, HOSTILE)


@pytest.mark.parametrize(("section", "name"), [("Not readable", "damaged "), ("Duplicates", "copy of ")])
def test_names_are_text_on_the_library_page(page: Page, address: str, section: str, name: str) -> None:
    enter(page, f"{address}/library?section={section.replace(' ', '+')}")
    if section == "Duplicates":
        page.get_by_role("button", name="Look for duplicates").click()
    as_text(page, f"<b>folder</b>/{name}{HOSTILE}")


def test_a_file_that_no_control_would_send_is_refused(page: Page, address: str) -> None:
    """Whoever may upload has an address for it, and need not send what the browser would."""
    enter(page, address)
    page.get_by_role("button", name="Narrow it down").click(timeout=PATIENCE_MS)
    small = {"name": "small.png", "mimeType": "image/png", "buffer": b"this is no photo"}
    with page.expect_response("**/_stcore/upload_file/**") as sent:
        page.locator("input[type='file']").set_input_files(small)  # type: ignore[arg-type]
    assert sent.value.status == 204
    url, headers = urlsplit(sent.value.url), sent.value.request.all_headers()
    connection = http.client.HTTPConnection(url.netloc, timeout=PATIENCE_MS / 1000)
    connection.putrequest("PUT", url.path)
    for name in ("cookie", "x-xsrftoken", "content-type"):
        connection.putheader(name, headers[name])
    connection.putheader("Content-Length", str(LARGEST_MB * 1024 * 1024 + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()
