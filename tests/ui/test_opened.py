"""The library that all visits share."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from PIL import Image

from model.errors import CheckpointNotFound
from storage.errors import LibraryNotFound
from storage.filters import Filter
from storage.library import Library
from ui import compose
from ui.opened import (
    has_photos,
    load_model,
    newest_of,
    open_all,
    open_engine,
    open_library,
    state_of,
    thumbnail_of,
)
from ui.settings import Settings


@pytest.fixture(autouse=True)
def nothing_cached() -> Iterator[None]:
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    Library.open(tmp_path / "library", create=True, write=True).close()
    return Settings(tmp_path / "library", model="mini", device="cpu")


def test_it_is_opened_once(settings: Settings) -> None:
    assert open_library(settings) is open_library(settings)


def test_one_that_takes_its_place_is_opened_anew(settings: Settings, tmp_path: Path) -> None:
    first = open_library(settings)
    settings.library.rename(tmp_path / "elsewhere")
    with pytest.raises(LibraryNotFound, match="there is no library in"):
        open_library(settings)
    shutil.copytree(tmp_path / "elsewhere", settings.library)
    assert open_library(settings) is not first


def test_the_search_is_one_for_all_until_the_model_is_another(settings: Settings, encoder: Any) -> None:
    library, another = open_library(settings), copy(encoder)
    first = open_engine(library, encoder)
    assert open_engine(library, encoder) is first
    assert open_engine(library, another) is not first
    assert open_engine(library, another) is open_engine(library, another)


def test_what_is_opened_ahead_is_what_a_visit_finds(
    indexed: Callable[..., Any], encoder: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []

    def load(settings: Settings) -> Any:
        loaded.append(settings.model)
        if len(loaded) == 1:
            raise CheckpointNotFound("there is no checkpoint")
        return encoder

    monkeypatch.setattr(compose, "load_model", load)
    with pytest.raises(CheckpointNotFound):
        open_all(settings)
    open_all(settings)  # what failed is tried again
    assert load_model(settings) is encoder
    assert loaded == ["mini", "mini"]


def test_a_first_search_is_made_ahead(
    indexed: Callable[..., Any], encoder: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    captions: list[str] = []
    embed_captions = encoder.embed_captions

    def embed(asked: Sequence[str]) -> Any:
        captions.extend(asked)
        return embed_captions(asked)

    monkeypatch.setattr(encoder, "embed_captions", embed)
    monkeypatch.delattr(type(encoder), "match_states")  # nothing is judged
    open_all(settings)
    assert len(captions) == 1


def test_collections_pass_over_what_came_with_the_model(settings: Settings, encoder: Any) -> None:
    gc.unfreeze()
    load_model(settings)
    assert gc.get_freeze_count() > 0
    gc.unfreeze()


def test_without_photos_no_model_is_loaded_ahead(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(compose, "load_model")
    open_all(settings)


def test_its_state_changes_with_it(settings: Settings) -> None:
    library = open_library(settings)
    before = state_of(library)
    assert state_of(library) == before
    with Library.open(settings.library, write=True) as writer:
        writer.add_root(Path("/photos"))
    assert state_of(library) != before


def test_photos_that_come_are_seen(
    indexed: Callable[..., Any], photos: Path, tmp_path: Path, settings: Settings
) -> None:
    def names(wanted: Filter) -> list[str]:
        library = open_library(settings)
        assert has_photos(state_of(library), library)
        found = newest_of(wanted, 0, 2, state_of(library), library)
        return [Path(photo.paths[0]).name for photo in found]

    last = Filter(folders=(str(photos),))
    assert len(names(last)) == 2
    Image.new("RGB", (40, 30), "white").save(photos / "white.png")
    indexed("index", photos)
    assert names(last)[0] == "white.png"
    assert names(Filter(rating=1)) == []


def test_an_empty_library_has_no_photos(settings: Settings) -> None:
    library = open_library(settings)
    assert not has_photos(state_of(library), library)


def test_in_the_place_of_a_thumbnail_it_says_what_to_do(
    indexed: Callable[..., Any], photos: Path, settings: Settings
) -> None:
    for kept in settings.library.glob("thumbnails*"):
        kept.unlink()
    library = open_library(settings)
    known = library.photo_at(str(photos / "red.png"))
    assert known is not None

    def shown() -> bytes | str:
        return thumbnail_of(known.photo_id, state_of(library), library)

    photos.rename(photos.with_name("elsewhere"))
    assert shown() == f"{photos} is not there or empty: plug in its disk"
    photos.with_name("elsewhere").rename(photos)
    (photos / "red.png").unlink()
    words = shown()
    assert isinstance(words, str) and words.endswith(": look for changes on the Library page")
    assert thumbnail_of(99, state_of(library), library) == (
        "no longer there: look for changes on the Library page"
    )
