"""The page of one photo in Streamlit's own test harness; tests/e2e has it in a browser."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational
from streamlit.testing.v1 import AppTest

from storage.library import Library
from storage.records import PhotoRecord
from ui.web_pages import photo_page

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def nothing_cached() -> Iterator[None]:
    """Each test opens its own library and model."""
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


def script() -> None:
    import streamlit as st

    from ui.web_pages import photo_page

    search = st.Page(lambda: None, title="Search", url_path="search")
    photo = st.Page(lambda: photo_page.page(search), title="Photo", url_path="photo", default=True)
    st.navigation([photo, search]).run()


def visit(**query: str | int) -> AppTest:
    """The page as it is after a visit with these words in its address."""
    page = AppTest.from_function(script, default_timeout=30)
    for name, value in query.items():
        page.query_params[name] = str(value)
    page.run()
    assert not page.exception
    return page


def html(page: AppTest) -> str:
    """All HTML on the page, in order."""
    return "\n".join(element.proto.body for element in page.get("html"))


def press(page: AppTest, label: str) -> AppTest:
    (button,) = [each for each in page.button if each.label == label]
    page = button.click().run()
    assert not page.exception
    return page


def record(path: Path) -> PhotoRecord:
    with Library.open(path.parents[1] / "library") as library:
        known = library.photo_at(os.fspath(path))
    assert known is not None
    return known


def id_of(path: Path) -> int:
    return record(path).photo_id


def test_what_is_known_of_the_photo(indexed: Run, photos: Path) -> None:
    shutil.copy2(photos / "red.png", photos / "red again.png")
    indexed("index", photos)
    page = visit(id=id_of(photos / "red.png"))
    body = html(page)
    assert ">red again.png</h2>" in body  # the first of its files by name
    assert "<dt>size</dt><dd>40 × 30 pixels" in body
    assert [each.value for each in page.code] == [str(photos / "red again.png"), str(photos / "red.png")]
    assert 'alt="red again.png"' in body


def test_how_it_was_taken_is_read_from_its_file(bridgelens: Run, encoder: Any, photos: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {
            ExifTags.Base.ExposureTime: IFDRational(1, 250),
            ExifTags.Base.FNumber: IFDRational(28, 10),
            ExifTags.Base.ISOSpeedRatings: 400,
            ExifTags.Base.FocalLength: IFDRational(35),
            ExifTags.Base.LensModel: "<b>35",
        }
    )
    Image.new("RGB", (40, 30), "red").save(photos / "taken.jpg", exif=exif)
    Image.new("RGB", (40, 30), "green").save(photos / "broken.jpg", exif=exif.tobytes()[:40] + b"\xff" * 9)
    assert bridgelens("index", photos).code == 0
    body = html(visit(id=id_of(photos / "taken.jpg")))
    assert "<dt>exposure</dt><dd>1/250 s, f/2.8, ISO 400</dd>" in body
    assert "<dt>lens</dt><dd>&lt;b&gt;35</dd><dt>focal length</dt><dd>35 mm</dd>" in body
    body = html(visit(id=id_of(photos / "broken.jpg")))
    assert "<dt>size</dt><dd>40 × 30 pixels" in body and "cannot be shown" not in body


@pytest.mark.parametrize("named", ["", "x", "999", "9" * 18])
def test_an_unknown_photo_is_a_note(indexed: Run, photos: Path, named: str) -> None:
    assert "No such photo" in html(visit(id=named))


def test_no_library_yet_is_a_note(bridgelens: Run) -> None:
    assert "No library yet" in html(visit(id=1))


def test_a_photo_that_is_gone_says_what_to_do(indexed: Run, photos: Path) -> None:
    known = id_of(photos / "red.png")
    (photos / "red.png").unlink()
    body = html(visit(id=known))
    assert "The file cannot be shown" in body and "Look for changes on the Library page" in body
    indexed("index", photos)
    body = html(visit(id=known))
    assert "a photo that is no longer there" in body and "It was gone at the last look" in body


def test_a_disk_that_is_away_is_named(indexed: Run, photos: Path) -> None:
    known = id_of(photos / "red.png")
    photos.rename(photos.parent / "elsewhere")
    assert f"{photos} is not there or empty: plug in its disk" in html(visit(id=known))


def test_next_and_previous_walk_through_the_results(indexed: Run, photos: Path) -> None:
    red, green = id_of(photos / "red.png"), id_of(photos / "green.png")
    page = visit(id=red, q="red", among=f"{red},{green}")
    assert "1 of 2" in html(page)
    assert [each.disabled for each in page.button if each.label in ("Previous", "Next")] == [True, False]
    page = press(page, "Next")
    assert ">green.png</h2>" in html(page) and "2 of 2" in html(page)
    assert dict(page.query_params) == {"id": str(green), "q": "red", "among": f"{red},{green}"}
    assert ">red.png</h2>" in html(press(page, "Previous"))


def test_the_match_is_explained_when_asked(indexed: Run, encoder: Any, photos: Path) -> None:
    encoder.heat_map_right = None
    page = visit(id=id_of(photos / "red.png"), q="red thing")
    assert "bl-bars" not in html(page)
    body = html(press(page, "Explain the match"))
    # With "red" the log-odds are 4; without it the caption is of a blue photo, -4.
    assert "The whole caption: 98.2%" in body
    assert body.index(">red<") < body.index(">+8.0<") < body.index(">thing<") < body.index(">+0.0<")
    assert 'alt="red.png, with where its match comes from"' in body
    assert "The heat map is an illustration only" in body


def test_what_cannot_be_explained_is_said(indexed: Run, photos: Path) -> None:
    page = visit(id=id_of(photos / "red.png"), q="...")
    assert "the caption is empty" in html(press(page, "Explain the match"))
    (photos / "red.png").unlink()
    page = press(visit(id=page.query_params["id"], q="red"), "Explain the match")
    assert "That did not work" in html(page)


def test_a_blank_is_filled_with_the_likeliest_words(indexed: Run, photos: Path) -> None:
    page = press(visit(id=id_of(photos / "green.png")), "Fill it in")
    assert html(page).index(">green<") < html(page).index(">100.0%<") < html(page).index(">red<")
    page.text_input(key="filled-text").set_value("no blank")
    assert "needs &lt;mask&gt; once" in html(press(page, "Fill it in"))


def test_the_original_is_served_from_under_the_roots_alone(
    indexed: Run, photos: Path, tmp_path: Path
) -> None:
    known = record(photos / "red.png")
    with Library.open(tmp_path / "library") as library:
        assert photo_page.original(known, library) == (photos / "red.png").read_bytes()
        secret = tmp_path / "secret.txt"
        secret.write_text("secret")
        (photos / "red.png").unlink()
        (photos / "red.png").symlink_to(secret)
        with pytest.raises(FileNotFoundError):
            photo_page.original(known, library)


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desktop whose file manager writes the folder that it opens into this file."""
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "xdg-open"
    command.write_text(f'#!/bin/sh\nprintf %s "$1" > "{tmp_path}/opened"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(command.parent), prepend=os.pathsep)
    monkeypatch.setenv("DISPLAY", ":0")
    return tmp_path / "opened"


OPEN = "Open its folder"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="no xdg-open here")
def test_at_the_machine_the_folder_can_be_opened(
    indexed: Run, photos: Path, desktop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(st.context), "ip_address", "127.0.0.1")
    page = visit(id=id_of(photos / "red.png"))
    assert not desktop.exists()
    press(page, OPEN)
    assert desktop.read_text() == str(photos)
    (photos / "red.png").unlink()
    assert "That did not work" in html(press(page, OPEN))


def test_nobody_else_opens_a_folder(
    indexed: Run, photos: Path, desktop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(st.context), "ip_address", "192.168.1.7")
    known = id_of(photos / "red.png")
    assert OPEN not in [each.label for each in visit(id=known).button]
    monkeypatch.setattr(type(st.context), "ip_address", "127.0.0.1")
    monkeypatch.setenv("BRIDGELENS_PASSWORD", "correct horse")  # a proxy may bring others from elsewhere
    assert OPEN not in [each.label for each in visit(id=known).button]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these always have a desktop")
def test_without_a_desktop_no_folder_is_opened(
    indexed: Run, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(st.context), "ip_address", "127.0.0.1")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert OPEN not in [each.label for each in visit(id=id_of(photos / "red.png")).button]


def test_what_is_too_long_to_download_says_where_it_lies(
    indexed: Run, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = id_of(photos / "red.png")
    assert "Too long to download" not in html(visit(id=known))
    monkeypatch.setattr(photo_page, "MOST_BYTES", 10)
    body = html(visit(id=known))
    assert "Too long to download here" in body
    assert f"at most 10 bytes): copy it from where it lies, {photos}/red.png" in body
