"""The Insight page in a real browser, over the library of real photos."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from storage.library import Library
from storage.opening import BACKGROUND
from storage.records import ModelRef, PhotoFacts
from tests.e2e.rows import library_of_rows
from ui import map_desk
from ui.map_desk import MapDesk, PhotoMap, key_of
from ui.web_pages.map_section import BOTTOM, HOW, TOOL, TOP

HOSTILE = "<img src=x onerror=alert(1)>.jpg"
PATIENCE_MS = 90_000
"""For what draws a map or loads a model; every wait ends as soon as its condition holds."""
REPORT = "<h1>How it did</h1><script>top.document.title = 'taken'; alert(1)</script>"

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def address(index_run: subprocess.CompletedProcess[str], serve: Callable[..., str]) -> str:
    assert index_run.returncode == 0
    return f"{serve()}/insight"


@pytest.fixture
def mapped(page: Page, address: str) -> Page:
    """The page once its map is drawn."""
    page.goto(address)
    expect(page.locator(".stEChartsChart")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text(HOW)).to_be_visible(timeout=PATIENCE_MS)
    return page


def test_photos_are_counted_by_format(mapped: Page) -> None:
    expect(mapped.get_by_text("0 of 15 photos say when they were taken.")).to_be_visible()
    expect(mapped.get_by_text("Photos by camera: none is known.")).to_be_visible()
    expect(mapped.get_by_label("Photos by format: PNG 11, JPEG 4").first).to_be_visible()


# True once the map has not moved since the look before: what is above it may still be growing.
IS_AT_REST = """() => {
    const now = JSON.stringify(document.querySelector(".stEChartsChart").getBoundingClientRect());
    const same = window.placeOfTheMap === now;
    window.placeOfTheMap = now;
    return same;
}"""


def choose_tool(page: Page, number: int) -> tuple[float, float, float, float]:
    """Click a tool of the map, of which 0 is the lasso; the rectangle on the page that its points lie in."""
    chart = page.locator(".stEChartsChart")
    chart.scroll_into_view_if_needed()
    page.wait_for_function(IS_AT_REST, polling=500)
    box = chart.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + TOOL / 2 + 2 * TOOL * number, box["y"] + TOOL / 2)
    return box["x"], box["y"] + TOP, box["width"], box["height"] - TOP - BOTTOM


def drag(page: Page, area: tuple[float, float, float, float], corners: Sequence[tuple[float, float]]) -> None:
    """Drag from corner to corner, each from 0 to 1 on the map, whose edges lie 0.02 further out."""
    left, top, width, height = area
    places = [(left + width * (x + 0.02) / 1.04, top + height * (1.02 - y) / 1.04) for x, y in corners]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=8)
    page.mouse.up()


def test_a_box_over_the_map_shows_its_photos_and_names_are_text(mapped: Page) -> None:
    drag(mapped, choose_tool(mapped, 1), [(-0.01, -0.01), (1.01, 1.01)])
    expect(mapped.get_by_text("15 photos selected")).to_be_visible(timeout=PATIENCE_MS)
    expect(mapped.locator(".bl-tiles img")).to_have_count(15)
    expect(mapped.locator(".bl-tiles li").filter(has_text=HOSTILE)).to_have_count(1)
    assert mapped.locator('img[src="x"]').count() == 0


# The corners of the map and its middle, by number.
PLACES = {1: (0.1, 0.1), 2: (0.1, 0.9), 3: (0.9, 0.9), 4: (0.9, 0.1), 5: (0.5, 0.5)}
# Round the three corners 1, 2 and 3, and neither the fourth nor the middle, which any box would hold too.
ROUND_THREE = [(0.02, 0.02), (0.02, 0.98), (0.98, 0.98), (0.98, 0.8), (0.25, 0.75), (0.2, 0.02)]


def test_a_lasso_shows_what_it_was_drawn_around_and_a_double_click_gives_it_up(
    page: Page, serve: Callable[..., str], tmp_path: Path
) -> None:
    place = library_of_rows(tmp_path, {each: PhotoFacts(f"h{each}", 40, 30, "JPEG") for each in PLACES})
    model = ModelRef("0011", "tiny", 4)
    with Library.open(place) as library:
        key = key_of(library.present_photo_ids(), model)
    points = np.array([*PLACES.values()], np.float32)
    map_desk._write(MapDesk(place)._path(model), PhotoMap(np.array([*PLACES]), points, key))
    page.goto(f"{serve(BRIDGELENS_LIBRARY=str(place))}/insight")
    expect(page.get_by_text(HOW)).to_be_visible(timeout=PATIENCE_MS)
    area = choose_tool(page, 0)
    drag(page, area, ROUND_THREE)
    shown = page.locator(".bl-tiles li")
    expect(shown).to_contain_text(["1.jpg", "2.jpg", "3.jpg"], timeout=PATIENCE_MS)
    drag(page, area, [(0.4, 0.4), (0.4, 0.6), (0.6, 0.6), (0.6, 0.4)])
    expect(shown).to_contain_text(["5.jpg"], timeout=PATIENCE_MS)
    page.mouse.dblclick(area[0] + area[2] / 2, area[1] + area[3] / 4)
    expect(shown).to_have_count(0, timeout=PATIENCE_MS)


def test_photos_are_selected_with_the_keyboard_alone(mapped: Page, environment: Mapping[str, str]) -> None:
    (kept,) = (Path(environment["BRIDGELENS_LIBRARY"]) / BACKGROUND).glob("map-*.npz")
    with np.load(kept) as held:
        right_of_the_first_percent = int((held["points"][:, 0].round(4) >= 0.01).sum())
    mapped.locator("summary").filter(has_text="Select without a mouse").focus()
    mapped.keyboard.press("Enter")
    mapped.get_by_role("slider").first.focus()
    mapped.keyboard.press("ArrowRight")
    expect(mapped.get_by_text(f"{right_of_the_first_percent} photos selected")).to_be_visible(
        timeout=PATIENCE_MS
    )


def test_a_report_is_shown_and_can_do_nothing(mapped: Page) -> None:
    file = {"name": "report.html", "mimeType": "text/html", "buffer": REPORT.encode()}
    mapped.locator("input[type='file']").set_input_files(file)  # type: ignore[arg-type]
    inner = mapped.frame_locator("iframe").frame_locator("iframe[title='Evaluation report']")
    expect(inner.get_by_role("heading", name="How it did")).to_be_visible(timeout=PATIENCE_MS)
    expect(mapped).to_have_title(re.compile("bridgelens|Insight"))


def test_the_calibration_of_the_model_is_said(mapped: Page) -> None:
    facts = mapped.locator("dl")
    expect(facts).to_contain_text("nothing matches below", timeout=PATIENCE_MS)
    expect(facts).to_contain_text(re.compile(r"\d+\.\d%"))


def test_without_a_library_it_says_where_one_is_made(
    page: Page, serve: Callable[..., str], tmp_path: Path
) -> None:
    page.goto(f"{serve(BRIDGELENS_LIBRARY=str(tmp_path / 'none'))}/insight")
    expect(page.get_by_role("status").filter(has_text="No library yet")).to_be_visible(timeout=PATIENCE_MS)
