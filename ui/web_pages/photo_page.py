"""The page of one photo: large, with what is known of it, why it matched, and its tags.

Its address is `ui.photo_address`. The shell shows it under no heading of its own, since it needs a photo.
"""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from indexer.exposure import Exposure
from storage.errors import LibraryNotFound
from storage.library import Library
from storage.records import PhotoRecord
from ui import gallery, large_photo, markup, render
from ui.away_words import what_is_the_matter
from ui.desktop import can_show_files, show_file
from ui.errors import UiError
from ui.opened import exposure_of, large_copy_of, open_library, state_of, thumbnail_of
from ui.photo_address import PhotoAddress
from ui.photo_facts import said
from ui.search_address import as_params
from ui.settings import Settings
from ui.thumbnails import paths_to_show
from ui.visitors import is_here
from ui.web_pages import address_bar, match_section, tags_section
from ui.web_pages.refusals import refusals_as_notes

MOST_BYTES = 500_000_000
"""Of an original that is offered as a download: the server has it in memory meanwhile."""


def page(search: StreamlitPage) -> None:
    """The whole page; `search` is where escape leads."""
    settings, address = Settings.load(), PhotoAddress.read(address_bar.params())
    _ways(address, search)
    try:
        library = open_library(settings)
    except LibraryNotFound:
        st.html(gallery.note("No library yet", "The Library page makes one of a folder of photos."))
        return
    known = {} if address.photo_id is None else library.photos([address.photo_id])
    if address.photo_id not in known:
        st.html(gallery.note("No such photo", "It may have been forgotten since. Search for it again."))
        return
    _show(known[address.photo_id], address, search, settings, library)


def _ways(address: PhotoAddress, search: StreamlitPage) -> None:
    """Back to the search as it was, and to the photos before and after this one among them."""
    before, after = address.step(-1), address.step(1)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Back to the search", icon=":material/arrow_back:", shortcut="Esc"):
            st.switch_page(search, query_params=as_params(address.search))
        st.button("Previous", shortcut="Left", disabled=before is None, on_click=_go, args=(before,))
        st.button("Next", shortcut="Right", disabled=after is None, on_click=_go, args=(after,))
        if address.photo_id in address.among:
            place = address.among.index(address.photo_id) + 1
            st.html(gallery.line(f"{place} of {len(address.among)}"), width="content")


def _go(address: PhotoAddress | None) -> None:
    if address is not None:
        st.query_params.from_dict(address.as_params())


def _show(
    photo: PhotoRecord, address: PhotoAddress, search: StreamlitPage, settings: Settings, library: Library
) -> None:
    state = state_of(library)
    name = os.path.basename(photo.paths[0]) if photo.paths else "a photo that is no longer there"
    large, facts = st.columns([3, 2], gap="large")
    with large:
        st.html(f'<h2 class="bl-heading">{markup.safe(name)}</h2>')
        # What is at hand at once first; the large one replaces it once it is made.
        picture = st.empty()
        picture.html(large_photo.picture(thumbnail_of(photo.photo_id, state, library), name, photo))
    with facts:
        known = st.empty()
        known.html(_facts(photo))
        _files(photo, library)
        if st.button("More like this", icon=":material/image_search:"):
            st.switch_page(search, query_params={"like": str(photo.photo_id)})
        with refusals_as_notes():
            tags_section.draw(photo, settings, library)
    known.html(_facts(photo, exposure_of(photo.photo_id, state, library)))
    made = large_copy_of(photo.photo_id, state, library)
    if isinstance(made, bytes):
        picture.html(large_photo.picture(made, name, photo))
    else:
        with large:
            matter = f"{what_is_the_matter(photo, library)} ({made})"
            st.html(gallery.note("The file cannot be shown", matter))
    with refusals_as_notes():
        match_section.draw(photo, address.search.caption, settings, library)


def _facts(photo: PhotoRecord, exposure: Exposure | None = None) -> str:
    size = f", {render.human_size(photo.size)}" if photo.size else ""
    pixels = f"{photo.width:,} × {photo.height:,} pixels{size}, {photo.format}"
    return large_photo.facts([("size", pixels), *said(photo, exposure)])


def _files(photo: PhotoRecord, library: Library) -> None:
    """Where it lies, to copy or to open, and the original, to keep."""
    for number, path in enumerate(photo.paths):
        st.html(gallery.line("Where it lies" if number == 0 else "A copy"))
        st.code(render.printable(path), language=None, wrap_lines=True)
    if not photo.paths:
        return
    with refusals_as_notes():
        if is_here() and can_show_files() and st.button("Open its folder", icon=":material/folder_open:"):
            show_file(paths_to_show(photo, library)[0])
    if photo.size > MOST_BYTES:
        longest = render.human_size(MOST_BYTES)
        why = f"Too long to download here ({render.human_size(photo.size)}; at most {longest})"
        st.html(gallery.line(f"{why}: copy it from where it lies, {photo.paths[0]}"))
        return
    st.download_button(
        "Download the original",
        lambda: original(photo, library),  # read at the click, and not before
        render.printable(os.path.basename(photo.paths[0])),
        "application/octet-stream",
        icon=":material/download:",
        on_click="ignore",
    )


def original(photo: PhotoRecord, library: Library) -> bytes:
    """The bytes of a photo's first file that lies under a root of the library.

    Raises:
        UiError: it is longer than `MOST_BYTES` by now.
        OSError: there is none, or it cannot be read.
    """
    path = Path(os.path.realpath(paths_to_show(photo, library)[0]))
    if path.stat().st_size > MOST_BYTES:
        raise UiError(f"{path} is longer than {render.human_size(MOST_BYTES)}; copy it from where it lies")
    return path.read_bytes()
