"""A damaged search index and photos that are not in it, on the Search and the Library page."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from ui.web_pages import photo_tiles

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def nothing_cached(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test opens its own library and model; photos, which need a running server, are not drawn."""
    monkeypatch.setattr(photo_tiles, "browsed", lambda *_: [])
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


def library_page() -> None:
    from ui.web_pages import library_page

    library_page.page()


def search_page() -> None:
    from ui.web_pages import search_page

    search_page.page()


def lines(script: Callable[[], None]) -> str:
    page = AppTest.from_function(script, default_timeout=30).run()
    assert not page.exception
    return "\n".join(element.proto.body for element in page.get("html"))


@pytest.mark.parametrize("script", [library_page, search_page])
def test_a_damaged_index_is_said_until_doctor_has_mended_it(
    indexed: Run, tmp_path: Path, script: Callable[[], None]
) -> None:
    assert "search index" not in lines(script)
    (file,) = (tmp_path / "library").glob("*.faiss")
    file.write_bytes(b"cut short")
    assert "The search index on disk is damaged or gone." in lines(script)
    assert indexed("doctor").code == 0
    assert "search index" not in lines(script)


def test_photos_that_no_caption_finds_are_counted(indexed: Run, tmp_path: Path, photos: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "library" / "catalog.sqlite")) as catalog, catalog:
        catalog.execute("DELETE FROM embeddings WHERE photo_id = 1")
    assert f"not in the search index of colours yet: 1, in {photos}." in lines(library_page)
