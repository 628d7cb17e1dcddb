"""The Search page: a caption in, photos out. Everything that it is asked for is in its address."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import streamlit as st

from model.errors import ModelError
from storage.errors import LibraryNotFound
from storage.library import Library
from storage.presence import is_offline
from ui import compose, gallery, tile_grid
from ui.away_words import away
from ui.opened import has_photos, load_model, newest_of, open_library, state_of
from ui.search_address import Asked
from ui.settings import Settings
from ui.web_pages import (
    address_bar,
    filter_panel,
    index_state,
    kept_searches,
    live_answer,
    marked_photos,
    paging,
    photo_tiles,
    search_controls,
)
from ui.web_pages.refusals import refusals_as_notes
from ui.web_pages.selection import selection_bar

if TYPE_CHECKING:
    from model.bridgetower import BridgeTower


HEAD_START_S = 0.4
"""Seconds in which a new visitor's browser is given nothing but the caption box.

It fetches the script of a kind of control when it first draws one, and React may put off what was fetched
until half a second after the last placeholder, whichever that was. With all else at once the box came last.
"""


def page() -> None:
    """The whole page."""
    settings, now = Settings.load(), address_bar.asked()
    search_controls.caption_box(now)
    if not (now.is_search or st.session_state.get("has-the-box")):
        time.sleep(HEAD_START_S)
    st.session_state["has-the-box"] = True
    for each in now.left_out:
        st.html(gallery.line(f"The address says {each}, which is left out."))
    library = _library(settings)
    if library is None:
        return
    with refusals_as_notes():
        _answer(now, settings, library)


def _library(settings: Settings) -> Library | None:
    """The library, if it has photos; if not, what to do is said."""
    index = settings.command("index FOLDER")
    text = "The Library page makes one of a folder of photos; so does, in a terminal:"
    try:
        library = open_library(settings)
    except LibraryNotFound:
        st.html(gallery.note("No library yet", text, index))
        return None
    if not has_photos(state_of(library), library):
        text = "The Library page adds folders of photos; so does, in a terminal:"
        st.html(gallery.note("The library is empty", text, index))
        return None
    for folder in library.roots():
        if is_offline(folder):
            said = "its photos are found all the same. If it is on a disk, plug it in to see them in full."
            st.html(gallery.line(f"{away(folder)}: {said}"))
    index_state.draw(settings, library)
    return library


def _answer(now: Asked, settings: Settings, library: Library) -> None:
    """All that lies under the caption box."""
    with st.container(horizontal=True, vertical_alignment="center"):
        picture = search_controls.more_words()
        kept_searches.draw(now, settings.library)
        selecting = marked_photos.switch()
    search_controls.chips(now)
    if selecting:
        selection_bar(marked_photos.marked(), settings, library)
    state = state_of(library)
    if not now.is_search and picture is None:
        live_answer.stop()
        st.container()  # where an answer stands; it leaves the place after it empty
        with st.container():
            search_controls.examples()
            _browse(now, state, library, selecting)
            # After the photos: the first count of a large library takes seconds.
            paging.under_newest(now, filter_panel.draw(library).photos)
        _model(settings, library)  # loaded while the first caption is typed
        return
    model = _model(settings, library)
    if model is None:
        filter_panel.draw(library)
        return

    def photos() -> int:
        return filter_panel.counted(library).photos  # of a large library that takes seconds, once

    page = live_answer.Page(now, live_answer.threshold_of(model), photos, state, library, selecting)

    def rest() -> None:
        st.empty()  # in the place of the newest photos, which stay until there is an answer
        paging.under_search(now, photos())
        if model.notice:
            st.html(gallery.line(model.notice))
        filter_panel.draw(library)

    live_answer.draw(page, model, picture, rest)


def _browse(now: Asked, state: str, library: Library, selecting: bool) -> None:
    """The newest photos that the filters leave."""
    skip, count = now.window
    photos = newest_of(now.wanted, skip, count, state, library)
    paging.over_newest(now, len(photos))
    tiles = photo_tiles.browsed(photos, now, state, library)
    if selecting:
        marked_photos.draw(tiles, [photo.photo_id for photo in photos])
    else:
        st.html(tile_grid.grid(tiles))


def _model(settings: Settings, library: Library) -> BridgeTower | None:
    """The model; where there is none to be had, what to do is said."""
    try:
        return load_model(compose.with_its_model(settings, library))
    except ModelError as error:
        models = "The Library page, under Models, embeds the photos with another one, such as mini."
        st.html(gallery.note("The model cannot be loaded", f"{error}. {models}"))
        return None
