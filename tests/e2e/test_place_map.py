"""The map of the filter panel in a real browser, over photos of Bergen, Rome and one of nowhere."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.e2e.serving import PATIENCE_MS
from ui.web_pages.place_map import CHOSEN

PLACES = {"bergen.jpg": (60.39, 5.32), "rome.jpg": (41.9, 12.5)}

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def address(
    bridgelens_here: Callable[..., object],
    serve: Callable[..., str],
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    place = tmp_path_factory.mktemp("place").resolve()
    (place / "photos").mkdir()
    Image.new("RGB", (40, 30), "white").save(place / "photos" / "nowhere.jpg")
    for name, (latitude, longitude) in PLACES.items():
        exif = Image.Exif()
        gps = {1: "N", 2: (latitude, 0.0, 0.0), 3: "E", 4: (longitude, 0.0, 0.0)}
        exif.get_ifd(0x8825).update(gps)
        Image.new("RGB", (40, 30), (len(name) * 20, 0, 0)).save(place / "photos" / name, exif=exif)
    bridgelens_here("index", place / "photos", "--library", place / "library")
    return serve(BRIDGELENS_LIBRARY=str(place / "library"))


def names(page: Page) -> Locator:
    return page.locator(".bl-name")


def at(page: Page, latitude: float, longitude: float) -> tuple[float, float]:
    """Where on the page a point of the map is.

    The edges are what `ui.world_window` makes of Rome and Bergen: 18.49 degrees from south to north with
    the margin are 22.188, and 1.8 times as many from west to east.
    """
    plot = page.get_by_test_id("stVegaLiteChart").locator("svg .background").first.bounding_box()
    assert plot is not None
    (south, height), (west, width) = (40.051, 22.188), (-11.0592, 39.9384)
    return (
        plot["x"] + plot["width"] * (longitude - west) / width,
        plot["y"] + plot["height"] * (1 - (latitude - south) / height),
    )


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(names(page)).to_have_count(3, timeout=PATIENCE_MS)
    expect(page.get_by_test_id("stVegaLiteChart").locator("svg")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".stApp[data-test-script-state='notRunning']")).to_be_visible(timeout=PATIENCE_MS)


def test_a_click_on_a_place_finds_its_photos_and_another_all(page: Page, address: str) -> None:
    opened(page, address)
    page.mouse.click(*at(page, *PLACES["bergen.jpg"]))
    expect(page).to_have_url(re.compile(r"\?place=Bergen"), timeout=PATIENCE_MS)
    expect(names(page)).to_have_text(["bergen.jpg"], timeout=PATIENCE_MS)
    page.reload()
    expect(names(page)).to_have_text(["bergen.jpg"], timeout=PATIENCE_MS)
    expect(page.locator(".stApp[data-test-script-state='notRunning']")).to_be_visible(timeout=PATIENCE_MS)
    page.mouse.click(*at(page, *PLACES["bergen.jpg"]))
    expect(names(page)).to_have_count(3, timeout=PATIENCE_MS)
    expect(page).not_to_have_url(re.compile("place="))


def test_a_rectangle_finds_what_was_taken_in_it(page: Page, address: str) -> None:
    opened(page, address)
    page.mouse.move(*at(page, 45, 7))
    page.mouse.down()
    page.mouse.move(*at(page, 41, 15), steps=5)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"\?box=4[01]"), timeout=PATIENCE_MS)
    expect(names(page)).to_have_text(["rome.jpg"], timeout=PATIENCE_MS)
    page.reload()
    drawn = page.get_by_test_id("stVegaLiteChart").locator(f".mark-rect path[fill='{CHOSEN}']")
    expect(drawn).to_have_count(1, timeout=PATIENCE_MS)
    expect(names(page)).to_have_text(["rome.jpg"], timeout=PATIENCE_MS)
    page.locator(".st-key-chips").get_by_role("button", name="in a part of the map").click()
    expect(names(page)).to_have_count(3, timeout=PATIENCE_MS)
    expect(page).not_to_have_url(re.compile("box="))
