"""The Insight page in a real browser, over the library of real photos."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from storage.opening import BACKGROUND

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
    expect(page.locator("[data-testid='stVegaLiteChart']").last).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("Draw a box over some points")).to_be_visible(timeout=PATIENCE_MS)
    return page


def test_photos_are_counted_by_format(mapped: Page) -> None:
    expect(mapped.get_by_text("0 of 15 photos say when they were taken.")).to_be_visible()
    expect(mapped.get_by_text("Photos by camera: none is known.")).to_be_visible()
    expect(mapped.get_by_label("Photos by format: PNG 11, JPEG 4").first).to_be_visible()


# True once the map has not moved since the look before: what is above it may still be growing.
IS_AT_REST = """() => {
    const now = JSON.stringify([...document.querySelectorAll("svg.marks")].at(-1).getBoundingClientRect());
    const same = window.placeOfTheMap === now;
    window.placeOfTheMap = now;
    return same;
}"""


def test_a_box_over_the_map_shows_its_photos_and_names_are_text(mapped: Page) -> None:
    canvas = mapped.locator("svg.marks").last
    canvas.scroll_into_view_if_needed()
    mapped.wait_for_function(IS_AT_REST, polling=500)
    box = canvas.bounding_box()
    assert box is not None
    mapped.mouse.move(box["x"] + 8, box["y"] + 8)
    mapped.mouse.down()
    mapped.mouse.move(box["x"] + box["width"] - 8, box["y"] + box["height"] - 8, steps=5)
    mapped.mouse.up()
    expect(mapped.get_by_text("15 photos selected")).to_be_visible(timeout=PATIENCE_MS)
    expect(mapped.locator(".bl-tiles img")).to_have_count(15)
    expect(mapped.locator(".bl-tiles li").filter(has_text=HOSTILE)).to_have_count(1)
    assert mapped.locator('img[src="x"]').count() == 0


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
