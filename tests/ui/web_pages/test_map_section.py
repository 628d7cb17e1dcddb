"""Where the photos of a box on the map lead, and what is said of those that it leaves out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from storage.library import Library
from storage.records import ModelRef
from ui import map_desk
from ui.map_desk import MapDesk, PhotoMap, key_of
from ui.web_pages.map_section import how_many

POINTS = np.array([[0, 0], [0.25, 0.5], [0.5, 0.5], [1, 1]], dtype=np.float32)


@pytest.fixture
def mapped(indexed: Callable[..., Any], encoder: Any, tmp_path: Path) -> Iterator[Callable[..., AppTest]]:
    """The section over a library of three photos, with a map of these that was drawn before."""
    model = ModelRef(encoder.fingerprint, encoder.name, encoder.dim)

    def visit(*photo_ids: int) -> AppTest:
        with Library.open(tmp_path / "library") as library:
            key = key_of(library.present_photo_ids(), model)
        ids = np.array(photo_ids, np.int64)
        path = MapDesk(tmp_path / "library")._path(model)
        map_desk._write(path, PhotoMap(ids, POINTS[: len(ids)], key))
        page = AppTest.from_function(_section, default_timeout=60).run()
        assert not page.exception
        return page

    yield visit
    st.cache_resource.clear()


def _section() -> None:
    from ui.opened import open_library
    from ui.settings import Settings
    from ui.web_pages import map_section

    settings = Settings.load()
    library = open_library(settings)
    model = library.status().active_model
    assert model is not None
    map_section.draw(settings, library, model)


def html(page: AppTest) -> str:
    return "\n".join(element.proto.body for element in page.get("html"))


def test_photos_in_the_box_lead_to_their_pages_and_on_to_each_other(mapped: Callable[..., AppTest]) -> None:
    page = mapped(1, 2, 3)
    assert "A map of" not in html(page)  # all are on it
    next(each for each in page.slider if each.label.startswith("Left to right")).set_range(20, 60).run()
    assert "2 photos selected" in html(page)
    assert '<a href="photo?id=2&amp;among=2,3" target="_self">' in html(page)
    assert '<a href="photo?id=3&amp;among=2,3" target="_self">' in html(page)
    assert "photo?id=1&amp;" not in html(page)


def test_a_map_of_some_of_the_photos_says_so(mapped: Callable[..., AppTest]) -> None:
    assert "A map of 2 of 3 photos." in html(mapped(1, 3))


def test_a_sample_is_called_one() -> None:
    drawn = PhotoMap(np.arange(3000), np.zeros((3000, 2), np.float32), "key")
    assert how_many(drawn, 12345) == "A map of 3,000 of 12,345 photos, chosen by chance."
