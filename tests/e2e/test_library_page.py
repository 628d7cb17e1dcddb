"""The Library page in a real browser. One server; every test puts a library of its own in its place."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from streamlit.testing.v1 import AppTest

from storage.library import Library
from storage.opening import BACKGROUND
from tests.e2e.serving import PATIENCE_MS
from ui.progress_file import read_json

HOSTILE = "<img src=x onerror=alert(1)>.jpg"

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def kept(
    place: Path, bridgelens_here: Callable[..., object], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """What every test finds: three photos, a copy, a smaller version, a damaged one, and their library."""
    folder = place / "photos"
    folder.mkdir()
    for number, name in enumerate(("one.png", "two.png", HOSTILE)):
        Image.effect_mandelbrot((160, 120), (-2 + number / 2, -1.2, 1, 1.2), 40).convert("RGB").save(
            folder / name, "PNG"
        )
    shutil.copy2(folder / "one.png", folder / "one again.png")
    Image.open(folder / "two.png").resize((80, 60)).save(folder / "two small.png")
    (folder / "damaged.jpg").write_bytes(b"this is no photo")
    bridgelens_here("index", folder, "--library", place / "library")
    copies = tmp_path_factory.mktemp("kept")
    for name in ("photos", "library"):
        shutil.copytree(place / name, copies / name)
    return copies


@pytest.fixture(scope="module")
def address(serve: Callable[..., str], place: Path) -> str:
    return f"{serve(BRIDGELENS_LIBRARY=str(place / 'library'))}/library"


@pytest.fixture
def photos(place: Path, kept: Path) -> Iterator[Path]:
    """The photos, and no library; what still runs after the test is ended."""
    clear(place)
    shutil.copytree(kept / "photos", place / "photos")
    yield place / "photos"
    clear(place)


@pytest.fixture
def library(photos: Path, place: Path, kept: Path) -> Path:
    """The library, as it was after its first run."""
    return Path(shutil.copytree(kept / "library", place / "library"))


def clear(place: Path) -> None:
    if (pid := run_of(place / "library")) is not None:
        os.kill(pid, signal.SIGKILL)
    for name in ("photos", "library"):
        shutil.rmtree(place / name, ignore_errors=True)


def run_of(library: Path) -> int | None:
    """The pid of the run that the page started, while it goes on."""
    folder = library / BACKGROUND
    pid = read_json(folder / "run.json").get("pid")
    return pid if pid and not (folder / "ended.json").exists() and Path(f"/proc/{pid}").exists() else None


def note(page: Page, text: str) -> Locator:
    return page.get_by_role("status").filter(has_text=text)


def library_page() -> None:
    from ui.web_pages import library_page

    library_page.page()


def section(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.get_by_role("radio", name=name).or_(page.get_by_role("button", name=name, exact=True)).click()


def test_the_first_folder_makes_the_library(page: Page, address: str, photos: Path) -> None:
    page.goto(address)
    expect(note(page, "No library yet")).to_be_visible(timeout=PATIENCE_MS)
    box = page.get_by_label("Folder to add")
    box.fill(str(photos))
    box.press("Enter")
    expect(note(page, f"Looking through {photos}: done")).to_contain_text(
        "4 new photos, 1 further files of the same photo, 1 could not be read", timeout=PATIENCE_MS
    )
    expect(page.get_by_role("table")).to_contain_text(str(photos))
    expect(page.locator("dl")).to_contain_text("mini")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Pictures", "expected the whole path of a folder"),
        ("/no/such/<b>folder</b>", "/no/such/<b>folder</b>"),
        ("PHOTOS", "is in the library already"),
    ],
)
def test_a_folder_that_cannot_be_added_is_refused(
    page: Page, address: str, library: Path, photos: Path, typed: str, said: str
) -> None:
    page.goto(address)
    box = page.get_by_label("Folder to add")
    box.fill(typed.replace("PHOTOS", str(photos)))
    box.press("Enter")
    expect(note(page, said)).to_be_visible(timeout=PATIENCE_MS)
    assert run_of(library) is None
    assert not (library / BACKGROUND).exists()


def test_a_run_is_everybodys_and_is_paused_and_taken_up(
    page: Page,
    address: str,
    library: Path,
    photos: Path,
    browser: Browser,
    environment: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page.goto(address)
    page.get_by_role("button", name="Look for changes").click()
    pause = page.get_by_role("button", name="Pause after the batch in hand")
    expect(pause).to_be_visible(timeout=PATIENCE_MS)
    pid = run_of(library)
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)  # holds the run still while visitors come and go
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("button", name="Look for changes")).to_be_disabled()
    visitor = browser.new_page()
    visitor.goto(address)
    visitor.get_by_role("button", name="Pause after the batch in hand").wait_for(timeout=PATIENCE_MS)
    visitor.close()
    # Nor does another server know more than what lies in the library's folder.
    for name, value in {**environment, "BRIDGELENS_LIBRARY": str(library)}.items():
        monkeypatch.setenv(name, value)
    elsewhere = AppTest.from_function(library_page, default_timeout=PATIENCE_MS / 1000).run()
    assert "Pause after the batch in hand" in [button.label for button in elsewhere.button]
    pause.click()
    expect(page.get_by_text("Finishing the batch in hand")).to_be_visible(timeout=PATIENCE_MS)
    os.kill(pid, signal.SIGCONT)
    expect(note(page, "Looking through all folders: paused")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Go on").click()
    expect(note(page, "Looking through all folders: done")).to_be_visible(timeout=PATIENCE_MS)


def test_a_killed_run_is_noticed(page: Page, address: str, library: Path) -> None:
    page.goto(address)
    page.get_by_role("button", name="Look for changes").click()
    expect(page.get_by_role("progressbar")).to_be_visible(timeout=PATIENCE_MS)
    pid = run_of(library)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    expect(note(page, "the run ended before its time")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Look for changes")).to_be_enabled()


def test_a_library_that_another_program_writes_to_is_said_to_be(
    page: Page, address: str, library: Path
) -> None:
    with Library.open(library, write=True):
        page.goto(address)
        page.get_by_role("button", name="Look for changes").click()
        expect(note(page, f"is being written by process {os.getpid()}")).to_be_visible(timeout=PATIENCE_MS)


def test_failures_are_filtered_and_tried_again(page: Page, address: str, library: Path, photos: Path) -> None:
    section(page, address, "Not readable")
    expect(page.get_by_role("table")).to_contain_text("damaged.jpg", timeout=PATIENCE_MS)
    words = page.get_by_label("Words in the reason")
    words.fill("no such words")
    words.press("Enter")
    expect(page.get_by_role("button", name="Try these 0 again")).to_be_disabled(timeout=PATIENCE_MS)
    words.fill("")
    words.press("Enter")
    shutil.copy(photos / "two.png", photos / "damaged.jpg")
    page.get_by_role("button", name="Try these 1 again").click()
    expect(note(page, "Trying again what could not be read: done")).to_contain_text(
        "1 indexed now", timeout=PATIENCE_MS
    )
    expect(note(page, "Everything could be read")).to_be_visible(timeout=PATIENCE_MS)


def test_duplicates_side_by_side_and_exported(
    page: Page, address: str, library: Path, photos: Path, tmp_path: Path
) -> None:
    section(page, address, "Duplicates")
    page.get_by_role("button", name="Look for duplicates").click()
    groups = page.locator("[class*='st-key-group-']")
    expect(groups).to_have_count(2, timeout=PATIENCE_MS)
    copies, versions = groups.nth(0), groups.nth(1)
    expect(copies).to_contain_text(str(photos / "one again.png"))
    expect(versions.locator("li").nth(0)).to_contain_text("keep160 × 120")
    expect(versions.locator("li").nth(1)).to_contain_text(str(photos / "two small.png"))
    expect(versions.locator("img")).to_have_count(2)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Export the list").click()
    lines = Path(waiting.value.path()).read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[:4] for line in lines] == [
        ["group", "kind", "keep", "path"],
        ["1", "copies", "yes", str(photos / "one again.png")],
        ["1", "copies", "no", str(photos / "one.png")],
        ["2", "near-duplicates", "yes", str(photos / "two.png")],
        ["2", "near-duplicates", "no", str(photos / "two small.png")],
    ]


def test_missing_photos_are_forgotten_after_a_confirmation(
    page: Page, address: str, library: Path, photos: Path
) -> None:
    with Library.open(library, write=True) as opened:
        opened.mark_missing([str(photos / HOSTILE)])
    section(page, address, "Missing")
    expect(page.get_by_role("table")).to_contain_text(HOSTILE, timeout=PATIENCE_MS)
    assert page.locator('img[src="x"]').count() == 0
    page.get_by_role("button", name="Forget 1 missing files…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 missing file and 1 photo without any other file", timeout=PATIENCE_MS)
    dialog.get_by_role("button", name="Forget for good").click()
    expect(note(page, "Forgetting missing files: done")).to_be_visible(timeout=PATIENCE_MS)
    expect(note(page, "No file is missing")).to_be_visible(timeout=PATIENCE_MS)
    with Library.open(library) as opened:
        assert opened.status().photos == 3


def test_a_folder_that_is_not_there_is_offline(page: Page, address: str, library: Path, photos: Path) -> None:
    shutil.rmtree(photos)
    page.goto(address)
    expect(note(page, f"{photos} is not there or empty")).to_contain_text("plug it in", timeout=PATIENCE_MS)
    expect(page.get_by_role("row").filter(has_text=str(photos))).to_contain_text("offline")


def test_models_changed_and_changed_back(
    page: Page, address: str, library: Path, photos: Path, tmp_path: Path
) -> None:
    import model

    other = tmp_path / "other"
    shutil.copytree(Path(model.__file__).parent / "mini", other)
    settings = (other / "processor_config.json").read_text(encoding="utf-8")
    (other / "processor_config.json").write_text(settings + "\n", encoding="utf-8")
    section(page, address, "Models")
    expect(page.get_by_role("row").filter(has_text="searched with this one")).to_contain_text(
        "mini", timeout=PATIENCE_MS
    )
    page.get_by_role("textbox", name="Model to change to").fill(str(other))
    page.get_by_role("button", name="Embed and change").click()
    expect(note(page, f"Embedding every photo with {other}: done")).to_contain_text(
        "4 photos embedded", timeout=PATIENCE_MS
    )
    expect(page.get_by_role("row").filter(has_text="searched with this one")).to_contain_text(
        str(other), timeout=PATIENCE_MS
    )
    page.get_by_role("button", name="Back to the model before").click()
    expect(note(page, "Going back to the model before: done")).to_contain_text(
        "searched with mini now", timeout=PATIENCE_MS
    )


def test_a_visitor_behind_a_proxy_can_look_and_not_touch(
    browser: Browser, address: str, library: Path
) -> None:
    context = browser.new_context(extra_http_headers={"X-Forwarded-For": "203.0.113.9"})
    page = context.new_page()
    page.goto(address)
    expect(page.get_by_text("Only somebody at the machine")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Add and index")).to_be_disabled()
    expect(page.get_by_role("button", name="Look for changes")).to_be_disabled()
    context.close()


def test_every_control_has_a_name_and_takes_the_keyboard(page: Page, address: str, library: Path) -> None:
    page.goto(address)
    expect(page.get_by_role("button", name="Look for changes")).to_be_visible(timeout=PATIENCE_MS)
    unnamed = page.locator("main button, main input").evaluate_all(
        """all => all.filter(each => !(each.innerText || each.ariaLabel || each.title ||
            (each.labels && each.labels.length) || each.getAttribute("aria-labelledby"))).length"""
    )
    assert unnamed == 0
    page.get_by_role("button", name="Look for changes").focus()
    page.keyboard.press("Enter")
    expect(note(page, "Looking through all folders: done")).to_be_visible(timeout=PATIENCE_MS)
