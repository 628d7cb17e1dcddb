"""The Search page, in a real browser, over what is missing or damaged: each time it says what to do.

One server; every test puts a library of its own in its place.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from storage.library import Library
from tests.e2e.serving import PATIENCE_MS

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def kept(
    place: Path, bridgelens_here: Callable[..., object], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A red and a blue photo, large enough for thumbnails to be kept, and their library."""
    (place / "photos").mkdir()
    for colour in ("red", "blue"):
        Image.new("RGB", (1600, 1200), colour).save(place / "photos" / f"{colour}.png")
    bridgelens_here("index", place / "photos", "--library", place / "library")
    copies = tmp_path_factory.mktemp("kept")
    for name in ("photos", "library"):
        shutil.move(place / name, copies / name)
    return copies


@pytest.fixture(scope="module")
def address(serve: Callable[..., str], place: Path) -> str:
    return serve(BRIDGELENS_LIBRARY=str(place / "library"))


@pytest.fixture
def library(place: Path, kept: Path) -> Iterator[Path]:
    """The library, as it was after its first run, with its photos beside it."""
    for name in ("photos", "library"):
        shutil.copytree(kept / name, place / name)
    yield place / "library"
    for name in ("photos", "library"):
        shutil.rmtree(place / name, ignore_errors=True)


def says(page: Page, *words: str) -> None:
    for each in words:
        expect(page.get_by_text(each).first).to_be_visible(timeout=PATIENCE_MS)


def test_no_library(page: Page, address: str) -> None:
    page.goto(address)
    says(
        page, "No library yet", "The Library page makes one of a folder of photos", "bridgelens index FOLDER"
    )


def test_a_library_without_photos(page: Page, address: str, library: Path) -> None:
    shutil.rmtree(library)
    Library.open(library, create=True, write=True).close()
    page.goto(address)
    says(page, "The library is empty", "The Library page adds folders of photos", "bridgelens index FOLDER")


def test_a_damaged_index(page: Page, address: str, library: Path) -> None:
    (file,) = library.glob("*.faiss")
    file.write_bytes(b"cut short")
    page.goto(f"{address}/?q=a+red+wall&rerank=false")
    says(page, "The search index on disk is damaged or gone", "bridgelens doctor")
    expect(page.locator(".bl-name")).to_have_count(2, timeout=PATIENCE_MS)


def test_a_folder_that_is_away(page: Page, address: str, library: Path, place: Path) -> None:
    shutil.rmtree(place / "photos")
    page.goto(f"{address}/?q=a+red+wall&rerank=false")
    says(page, f"{place / 'photos'} is not there or empty", "plug it in to see them in full")
    expect(page.locator(".bl-photo img")).to_have_count(2, timeout=PATIENCE_MS)


def test_a_photo_that_is_gone_with_its_thumbnail(
    page: Page, address: str, library: Path, place: Path
) -> None:
    for file in (place / "photos" / "red.png", library / "thumbnails.sqlite"):
        file.unlink()
    page.goto(address)
    says(page, "look for changes on the Library page")
    expect(page.locator(".bl-photo img")).to_have_count(1, timeout=PATIENCE_MS)
