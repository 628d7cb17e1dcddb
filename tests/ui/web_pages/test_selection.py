"""Photos that were marked, on their way out and with a word."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from storage.library import Library
from ui.errors import UiError
from ui.exported import Problem
from ui.settings import Settings
from ui.web_pages import selection, tags_section
from ui.web_pages.selection import SHEET, TABLE, ZIP, make

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def nothing_cached() -> Iterator[None]:
    yield
    st.cache_resource.clear()


@pytest.fixture
def library(indexed: Run) -> Iterator[Library]:
    """blue.png, green.png and red.png, in the order of their ids."""
    with Library.open(Settings.load().library) as opened:
        yield opened


def test_a_zip_has_the_originals_in_their_order(library: Library, photos: Path) -> None:
    made = make(ZIP, [3, 1], library)
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        assert archive.namelist() == ["1_red.png", "2_blue.png"]
        assert archive.read("1_red.png") == (photos / "red.png").read_bytes()
    assert made.problems == ()


def test_a_table_has_a_row_a_photo(library: Library, photos: Path) -> None:
    lines = make(TABLE, [2, 3], library).content.decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert str(photos / "green.png") in lines[1] and str(photos / "red.png") in lines[2]


def test_a_contact_sheet_is_a_pdf(library: Library) -> None:
    assert make(SHEET, [1, 2], library).content.startswith(b"%PDF-")


def test_what_is_not_in_it_is_told(library: Library, photos: Path) -> None:
    (photos / "red.png").unlink()
    made = make(ZIP, [1, 3, 99], library)
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        assert archive.namelist() == ["1_blue.png"]
    assert made.problems == (
        Problem("photo 99", "the library does not know it any more"),
        Problem(str(photos / "red.png"), "no such file or directory"),
    )


def test_a_link_out_of_the_folders_is_not_followed(library: Library, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (photos / "red.png").unlink()
    (photos / "red.png").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(UiError, match="none of the marked photos"):
        make(ZIP, [3], library)


def test_too_much_is_refused_with_the_other_way(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UiError, match=r"501 photos .* bridgelens export"):
        make(TABLE, range(1, 502), library)
    monkeypatch.setattr(selection, "MOST_BYTES", 100)
    with pytest.raises(UiError, match="mark fewer"):
        make(ZIP, [1, 2], library)
    assert make(TABLE, [1, 2], library).problems == ()


def page() -> AppTest:
    def script() -> None:
        import streamlit as st

        from ui.opened import open_library
        from ui.settings import Settings
        from ui.web_pages.selection import selection_bar

        settings = Settings.load()
        selection_bar(st.session_state.get("marked", []), settings, open_library(settings))

    return AppTest.from_function(script, default_timeout=30)


def html(shown: AppTest) -> str:
    return "\n".join(element.proto.body for element in shown.get("html"))


def test_nothing_marked_draws_nothing(indexed: Run) -> None:
    assert not html(page().run())


def test_marked_photos_are_handed_out_and_tagged(indexed: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (selection, tags_section):
        monkeypatch.setattr(module, "may_change", lambda: True)
    shown = page()
    shown.session_state["marked"] = [3, 1]
    shown.run()
    assert "2 photos marked" in html(shown)
    shown.selectbox[0].set_value(TABLE)
    shown.button[0].click().run()
    assert [each.proto.label for each in shown.get("download_button")] == ["Download photos.csv"]
    shown.selectbox[0].set_value(ZIP).run()
    assert not shown.get("download_button")  # it was of another form
    shown.text_input[0].set_value("Summer")
    shown.button[1].click().run()
    assert "2 photos have the tag Summer now" in html(shown)
    with Library.open(Settings.load().library) as library:
        assert {key: [tag.word for tag in tags] for key, tags in library.tags.of([1, 2, 3]).items()} == {
            1: ["summer"],
            3: ["summer"],
        }


def test_a_mark_on_a_photo_that_was_forgotten_does_not_keep_the_others_from_their_tag(
    indexed: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (selection, tags_section):
        monkeypatch.setattr(module, "may_change", lambda: True)
    shown = page()
    shown.session_state["marked"] = [3, 99]
    shown.run()
    shown.text_input[0].set_value("Summer")
    shown.button[1].click().run()
    assert not shown.exception
    assert "1 photo has the tag Summer now. The library does not know 1 of the marked ones any more." in (
        html(shown)
    )
    with Library.open(Settings.load().library) as library:
        assert library.tags.tagged(["summer"]).tolist() == [3]
