"""Words that a visitor gives to photos and takes from them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from storage.errors import LibraryLocked, TagInvalid
from storage.library import Library
from ui.errors import UiError
from ui.settings import Settings
from ui.web_pages import tags_section
from ui.web_pages.tags_section import retag

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def nothing_cached() -> Iterator[None]:
    yield
    st.cache_resource.clear()


@pytest.fixture
def settings(indexed: Run) -> Settings:
    """Those of the test's own library, with three photos."""
    return Settings.load()


@pytest.fixture
def at_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The harness has no connection, which is nobody's."""
    monkeypatch.setattr(tags_section, "may_change", lambda: True)


def words(settings: Settings) -> dict[int, list[str]]:
    with Library.open(settings.library) as library:
        found = library.tags.of(library.present_photo_ids().tolist())
    return {photo_id: [tag.word for tag in tags] for photo_id, tags in found.items()}


def page() -> AppTest:
    def script() -> None:
        from ui.opened import open_library
        from ui.settings import Settings
        from ui.web_pages import tags_section

        settings = Settings.load()
        library = open_library(settings)
        tags_section.draw(library.photos([1])[1], settings, library)

    shown = AppTest.from_function(script, default_timeout=30).run()
    assert not shown.exception
    return shown


def test_a_word_is_given_and_taken(settings: Settings) -> None:
    retag(settings, [1, 2], give=["Beach  Ball", "dog"])
    assert retag(settings, [1, 99], take=["dog"]) == 1
    assert words(settings) == {1: ["beach ball"], 2: ["beach ball", "dog"]}


def test_a_word_that_is_none_changes_nothing(settings: Settings) -> None:
    with pytest.raises(TagInvalid):
        retag(settings, [1], give=["beach", "x" * 65])
    assert words(settings) == {}


def test_another_writer_is_named_and_nothing_changed(settings: Settings) -> None:
    with Library.open(settings.library, write=True), pytest.raises(LibraryLocked, match=str(os.getpid())):
        retag(settings, [1], give=["beach"])
    assert words(settings) == {}


def test_a_visitor_from_elsewhere_changes_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tags_section, "may_change", lambda: False)
    with pytest.raises(UiError, match="can change the library"):
        retag(settings, [1], give=["beach"])
    assert words(settings) == {}


def test_the_page_shows_the_tags_and_saves_others(settings: Settings, at_the_machine: None) -> None:
    retag(settings, [1], give=["beach", "dog"])
    with Library.open(settings.library, write=True) as library:
        library.tags.propose("c" * 16, {1: {"red": 0.5}})
    shown = page()
    assert shown.multiselect[0].value == ["beach", "dog", "red"]
    assert any("red 50.0%" in each.proto.body for each in shown.get("html"))
    shown.multiselect[0].set_value(["dog", "red"])
    shown.button[0].click().run()
    assert words(settings) == {1: ["dog", "red"]}
    assert shown.multiselect[0].value == ["dog", "red"]


def test_a_locked_library_is_a_note(settings: Settings, at_the_machine: None) -> None:
    retag(settings, [1], give=["beach"])
    shown = page()
    shown.multiselect[0].set_value([])
    with Library.open(settings.library, write=True):
        shown.button[0].click().run()
    assert any("is being written by" in each.proto.body for each in shown.get("html"))
    assert words(settings) == {1: ["beach"]}
