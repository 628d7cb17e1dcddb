"""The Search page as a person meets it: the real `bridgelens web` with mini, in a real headless Chromium."""

from __future__ import annotations

import http.client
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.serving import PATIENCE_MS

CAPTION, BEST = "a red motorcycle", re.compile(r"^1\. motorcycle_(left|right)\.png$")
HOSTILE = "<img src=x onerror=alert(1)>.jpg"
NOTE_BADGES = """
window.badges = [];
new MutationObserver(() => {
  const badge = document.querySelector('.bl-badge');
  if (badge && window.badges.at(-1) !== badge.textContent) window.badges.push(badge.textContent);
}).observe(document, {childList: true, subtree: true, characterData: true});
"""

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def address(index_run: subprocess.CompletedProcess[str], serve: Callable[..., str]) -> str:
    """The URL of a running page over the library of real photos."""
    assert index_run.returncode == 0
    return serve()


@pytest.fixture
def searched(page: Page, address: str) -> Page:
    """The page with the answer to a caption."""
    page.goto(f"{address}/?q=a+red+motorcycle")
    settle(page)
    return page


def settle(page: Page) -> None:
    """Wait for the last of the photos' order."""
    expect(page.locator(".bl-name").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".stApp[data-test-script-state='notRunning']")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".bl-badge")).to_have_count(0)


def names(page: Page) -> list[str]:
    """The ranks and file names shown, in order."""
    return page.locator(".bl-name").all_inner_texts()


def test_typing_searches_and_a_reload_repeats_it(page: Page, address: str) -> None:
    page.add_init_script(NOTE_BADGES)
    page.goto(address)
    expect(page.get_by_text("The newest photos")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("textbox", name="Caption")).to_be_focused()
    page.keyboard.type(CAPTION)
    expect(page.locator(".bl-name").first).to_have_text(BEST, timeout=PATIENCE_MS)
    settle(page)
    badges = page.evaluate("window.badges")
    assert badges and all(re.fullmatch(r"re-ranking \d+ of 15", badge) for badge in badges)
    assert page.locator(".bl-scores b").first.inner_text() in ("strong match", "likely match")
    expect(page).to_have_url(re.compile(r"/\?q=a(\+|%20)red(\+|%20)motorcycle$"))
    before = names(page)
    page.reload()
    settle(page)
    expect(page.get_by_role("textbox", name="Caption")).to_have_value(CAPTION)
    assert names(page) == before


def test_back_leads_to_the_search_before(searched: Page) -> None:
    before = names(searched)
    searched.get_by_role("textbox", name="Caption").fill("a cup of coffee")
    expect(searched.locator(".bl-name").first).not_to_have_text(BEST, timeout=PATIENCE_MS)
    settle(searched)
    searched.go_back()
    expect(searched.locator(".bl-name").first).to_have_text(BEST, timeout=PATIENCE_MS)
    settle(searched)
    expect(searched.get_by_role("textbox", name="Caption")).to_have_value(CAPTION)
    assert names(searched) == before


def test_rerank_can_be_switched_off_and_the_url_says_so(searched: Page) -> None:
    searched.get_by_text("Re-rank", exact=True).click()
    expect(searched.locator(".bl-bar")).to_have_count(0, timeout=PATIENCE_MS)
    expect(searched).to_have_url(re.compile(r"[?&]rerank=false"))
    expect(searched.locator(".bl-scores").first).to_contain_text("similarity 0.")


def test_every_photo_is_there_in_its_shape_and_a_hostile_name_is_text(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".bl-photo")).to_have_count(15, timeout=PATIENCE_MS)
    expect(page.locator(".bl-name").filter(has_text=HOSTILE)).to_have_count(1)
    assert page.locator('img[src="x"]').count() == 0
    page.locator(".bl-photo img").evaluate_all(
        "all => Promise.all(all.map(photo => { photo.loading = 'eager'; return photo.decode(); }))"
    )
    shapes = page.locator(".bl-photo img").evaluate_all(
        "all => all.map(photo => [photo.naturalWidth / photo.naturalHeight, photo.width / photo.height])"
    )
    assert len(shapes) == 15
    for natural, drawn in shapes:
        assert drawn == pytest.approx(natural, rel=0.03)
    assert all(page.locator(".bl-photo img").evaluate_all("all => all.map(photo => photo.alt)"))


@pytest.mark.parametrize("width", [390, 1280, 2200])
def test_rows_fill_the_window_and_none_is_wider(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address)
    expect(page.locator(".bl-photo")).to_have_count(15, timeout=PATIENCE_MS)
    rows = page.locator("ul.bl-photos").evaluate(
        """list => {
          const rows = {}, box = list.getBoundingClientRect();
          for (const item of list.children) {
            const at = item.getBoundingClientRect();
            rows[Math.round(at.top)] = Math.max(rows[Math.round(at.top)] || 0, at.right - box.left);
          }
          return Object.values(rows).map(right => right / box.width);
        }"""
    )
    assert len(rows) > 1
    assert all(0.97 < filled <= 1.001 for filled in rows[:-1])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_page_is_dark_where_the_system_is(page: Page, address: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(address)
    expect(page.locator(".bl-photo").first).to_be_visible(timeout=PATIENCE_MS)
    lightness = """(name) => {
      const found = document.querySelector(name), style = getComputedStyle(found);
      const mean = colour => colour.match(/[\\d.]+/g).slice(0, 3).reduce((sum, each) => sum + +each, 0) / 3;
      return [mean(style.color), mean(style.backgroundColor)];
    }"""
    assert page.evaluate(lightness, ".stApp")[1] < 64
    assert page.evaluate(lightness, ".bl-name")[0] > 192


def test_an_example_searches(page: Page, address: str) -> None:
    page.goto(address)
    settle(page)  # a click while the page is being drawn can be lost
    page.get_by_role("button", name="a dog running on a beach").click(timeout=PATIENCE_MS)
    expect(page.locator(".bl-name").first).to_have_text(re.compile(r"^1\. "), timeout=PATIENCE_MS)
    expect(page.get_by_role("textbox", name="Caption")).to_have_value("a dog running on a beach")


def test_what_is_not_there_is_said_not_to_match(page: Page, address: str) -> None:
    page.goto(f"{address}/?q=two+dogs+playing+in+the+snow")
    settle(page)
    expect(page.get_by_role("heading", name="Nothing here matches")).to_be_visible()
    expect(page.get_by_text("The nearest photos:")).to_be_visible()
    assert "strong match" not in page.locator(".bl-scores").all_inner_texts()


def test_a_filter_counts_is_a_chip_and_goes_with_a_click(searched: Page) -> None:
    searched.get_by_role("combobox", name="Kind").click()
    searched.get_by_role("option", name="photo (15)").click()
    expect(searched).to_have_url(re.compile(r"[?&]kind=photo"), timeout=PATIENCE_MS)
    searched.keyboard.press("Escape")  # the list
    taken = searched.locator(".st-key-chips").get_by_role("button", name="photo")
    expect(taken).to_be_visible(timeout=PATIENCE_MS)
    taken.click()
    expect(searched).not_to_have_url(re.compile("kind="), timeout=PATIENCE_MS)
    expect(searched.locator(".st-key-chips")).to_have_count(0, timeout=PATIENCE_MS)
    first = searched.locator(".bl-name").first
    expect(first).to_have_text(re.compile(r"^1\. motorcycle"), timeout=PATIENCE_MS)


def test_what_must_not_be_seen_is_a_chip_and_in_the_url(searched: Page) -> None:
    before = searched.locator(".bl-scores").first.inner_text()
    searched.get_by_role("button", name="Narrow it down").click()
    box = searched.get_by_role("textbox", name="It does not show")
    box.fill("a *red* motorcycle")
    box.press("Enter")
    taken = searched.locator(".st-key-chips").get_by_role("button", name="not: a *red* motorcycle")
    expect(taken).to_be_visible(timeout=PATIENCE_MS)
    expect(searched).to_have_url(re.compile(r"[?&]not=a"))
    expect(searched.locator(".bl-scores").first).not_to_have_text(before, timeout=PATIENCE_MS)


def test_more_like_a_photo(searched: Page) -> None:
    searched.get_by_role("link", name=re.compile(r"^More like 1\. motorcycle")).click()
    expect(searched).to_have_url(re.compile(r"/\?like=\d+$"), timeout=PATIENCE_MS)
    expect(searched.locator(".st-key-chips")).to_contain_text("like photo", timeout=PATIENCE_MS)
    settle(searched)
    expect(searched.locator(".bl-name").first).to_have_text(BEST)


def test_a_tile_is_a_link_to_its_photo_and_takes_the_keyboard(searched: Page) -> None:
    first = searched.locator(".bl-photo > a").first
    link = first.get_attribute("href") or ""
    assert re.fullmatch(r"photo\?id=\d+&q=a\+red\+motorcycle&among=\d+(,\d+)+", link)
    first.focus()
    searched.keyboard.press("Enter")
    expect(searched).to_have_url(re.compile(r"/photo\?id="))
    expect(searched.get_by_role("img", name=re.compile("motorcycle")).first).to_be_visible(
        timeout=PATIENCE_MS
    )
    searched.go_back()
    expect(searched.locator(".bl-name").first).to_have_text(BEST, timeout=PATIENCE_MS)


def test_a_picture_is_searched_with_and_a_damaged_one_refused(page: Page, address: str, photos: Path) -> None:
    page.goto(address)
    page.get_by_role("button", name="Narrow it down").click(timeout=PATIENCE_MS)
    page.locator("input[type='file']").set_input_files(photos / "damaged.jpg")
    expect(page.get_by_role("heading", name="That picture cannot be read")).to_be_visible(timeout=PATIENCE_MS)
    page.locator("input[type='file']").set_input_files(photos / "motorcycle_left.png")
    expect(page.locator(".bl-name").first).to_have_text(BEST, timeout=PATIENCE_MS)


def test_photos_are_marked_and_the_marks_last(searched: Page) -> None:
    searched.get_by_text("Select photos").click()
    searched.get_by_role("checkbox", name="Mark photo 1", exact=True).check(force=True, timeout=PATIENCE_MS)
    expect(searched.get_by_text("1 marked")).to_be_visible(timeout=PATIENCE_MS)
    expect(searched.get_by_role("button", name="Make the file")).to_be_visible()
    searched.get_by_text("Re-rank", exact=True).click()
    expect(searched.locator(".st-key-to-mark .bl-bar")).to_have_count(0, timeout=PATIENCE_MS)
    expect(searched.get_by_text("1 marked")).to_be_visible(timeout=PATIENCE_MS)
    expect(searched.get_by_role("checkbox", name=re.compile("^Mark"), checked=True)).to_have_count(1)


def test_a_search_is_saved_found_again_and_removed(searched: Page) -> None:
    searched.get_by_role("button", name="Searches").click()
    searched.get_by_role("textbox", name="Name").fill("my <b>motorcycle</b>")
    searched.get_by_role("button", name="Save this search").click()
    link = searched.get_by_role("link", name="my <b>motorcycle</b>")
    expect(link).to_be_visible(timeout=PATIENCE_MS)
    assert link.get_attribute("href") == "?q=a+red+motorcycle"
    searched.get_by_role("combobox", name="Saved search to remove").click()
    searched.get_by_role("option", name="my <b>motorcycle</b>").click()
    searched.get_by_role("button", name="Remove it").click()
    expect(link).to_have_count(0, timeout=PATIENCE_MS)


def test_what_an_address_says_wrongly_is_named(page: Page, address: str) -> None:
    page.goto(f"{address}/?q=a+red+motorcycle&rating=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
    expect(page.get_by_text("which is left out")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".bl-name").first).to_have_text(BEST, timeout=PATIENCE_MS)
    assert page.locator('img[src="x"]').count() == 0


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
