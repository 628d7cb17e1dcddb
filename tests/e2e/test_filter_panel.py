"""Each control of the filter panel in a real browser: it leaves its own photos and no others."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from storage.library import Library
from storage.records import Description, FileState, ModelRef, NewPhoto, PhotoFacts, Place
from tests.e2e.serving import PATIENCE_MS

"""For a page that begins while its server loads a model; every wait ends as soon as its condition holds."""
DRAWN = ".stApp[data-test-script-state='notRunning']"

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def address(serve: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page over rows of four photos, shown from 4 to 1; 1 has a copy, and 1 and 3 have a tag."""
    photos = tmp_path_factory.mktemp("photos").resolve()
    vector = np.array([1, 0, 0, 0], np.float32)

    def new(path: str, content: str, form: str, camera: str | None, rating: int | None) -> NewPhoto:
        facts = PhotoFacts(content, 40, 30, form, None, camera, description=Description(rating=rating))
        return NewPhoto(FileState(str(photos / path), 1, 1), facts, vector)

    rows = [
        new("sea/1.jpg", "h1", "JPEG", "Canon EOS R5", 4),
        new("sea/1b.jpg", "h1", "JPEG", "Canon EOS R5", 4),
        new("sea/2.mp4", "h2", "MP4", "Google Pixel 8", 2),
        new("hills/3.jpg", "h3", "JPEG", None, None),
        new("hills/4.arw", "h4", "ARW", "SONY ILCE-7", None),
    ]
    with Library.open(photos / "library", create=True, write=True) as library:
        for folder in ("sea", "hills"):
            library.add_root(photos / folder)
        library.add(ModelRef("0011", "tiny", 4), rows)
        library.set_places({2: Place("Bergen, Vestland, Norway", "NO"), 3: Place("Rome, Lazio, Italy", "IT")})
        library.tags.give([1, 3], "dog")
    return serve(BRIDGELENS_LIBRARY=str(photos / "library"))


@pytest.mark.parametrize(
    ("control", "choice", "said", "left"),
    [
        ("Folder", "hills (2)", "in=", ["4.arw", "3.jpg"]),
        ("Camera", "Canon EOS R5 (1)", "camera=", ["1.jpg"]),
        ("Place", "Bergen, Vestland, Norway (1)", "place=", ["2.mp4"]),
        ("Tag", "dog (2)", "tag=", ["3.jpg", "1.jpg"]),
        ("Kind", "raw (1)", "kind=", ["4.arw"]),
        ("Rating", "★★ or more (2)", "rating=", ["2.mp4", "1.jpg"]),
        ("More than one copy", "", "copies=", ["1.jpg"]),
    ],
)
def test_what_is_chosen_is_left_and_back_again_after_a_click_on_its_chip(
    page: Page, address: str, control: str, choice: str, said: str, left: list[str]
) -> None:
    names, chips = page.locator(".bl-name"), page.locator(".st-key-chips").get_by_role("button")
    page.goto(address)
    expect(names).to_have_count(4, timeout=PATIENCE_MS)
    expect(page.locator(DRAWN)).to_be_attached(timeout=PATIENCE_MS)
    if choice:
        page.get_by_role("combobox", name=control).click()
        page.get_by_role("option", name=choice).click()
    else:
        page.get_by_text(control).click()
    expect(names).to_have_text(left, timeout=PATIENCE_MS)
    expect(page).to_have_url(re.compile(rf"\?{said}"), timeout=PATIENCE_MS)
    page.reload()
    expect(names).to_have_text(left, timeout=PATIENCE_MS)
    expect(page.locator(DRAWN)).to_be_attached(timeout=PATIENCE_MS)
    chips.click()
    expect(names).to_have_text(["4.arw", "3.jpg", "2.mp4", "1.jpg"], timeout=PATIENCE_MS)
    expect(page).not_to_have_url(re.compile(said), timeout=PATIENCE_MS)
