"""Photos that are there more than once, side by side, the one to keep first. Nothing is deleted here."""

from __future__ import annotations

import csv
import io

import streamlit as st

from search.duplicates import Group, find_duplicates
from storage.library import Library
from storage.records import ModelRef, PhotoRecord
from ui import compose, gallery, markup, render
from ui.opened import state_of, thumbnail_of
from ui.photo_commands import KINDS
from ui.settings import Settings

GROUPS = 10
"""Groups on the page at once."""
ANY = "All kinds"
COLUMNS = ("group", "kind", "keep", "path", "width", "height", "bytes")


def draw(settings: Settings, library: Library) -> None:
    """The section."""
    model = library.models.active()
    if model is None:
        st.html(gallery.note("Nothing to compare yet", "The library is empty."))
        return
    st.html(gallery.line("Compares all photos with their nearest neighbours. Nothing is deleted."))
    if st.button("Look for duplicates", icon=":material/filter_none:"):
        st.session_state["duplicates"] = True
    if not st.session_state.get("duplicates"):
        return
    state = state_of(library)
    groups = _find(state, model, library)
    if not groups:
        st.html(gallery.note("No duplicates", "No photo is there more than once."))
        return
    present = list(dict.fromkeys(group.kind for group in groups))
    kind = st.selectbox("Kind", [ANY, *present], format_func=lambda each: KINDS.get(each, each))
    found = [group for group in groups if kind in (ANY, group.kind)]
    st.download_button(
        "Export the list",
        as_csv(found),
        "duplicates.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        help="One line a file, the one to keep marked, for a spreadsheet or a script.",
    )
    _groups(found, state, library)


@st.cache_data(show_spinner="Comparing photos…", max_entries=4)
def _find(state: str, model: ModelRef, _library: Library) -> list[Group]:
    """All groups; `state` changes with the library."""
    return find_duplicates(_library, model, compose.fingerprint)


def _groups(found: list[Group], state: str, library: Library) -> None:
    pages = -(-len(found) // GROUPS)
    page = 1 if pages == 1 else int(st.number_input(f"Page, of {pages:,}", 1, pages))
    for number, group in enumerate(found[(page - 1) * GROUPS : page * GROUPS], (page - 1) * GROUPS + 1):
        with st.container(border=True, key=f"group-{number}"):
            st.html(gallery.line(f"{number:,}. {KINDS[group.kind]}"))
            st.html(
                markup.tiles(
                    _tile(photo, first=photo is group.photos[0], state=state, library=library)
                    for photo in group.photos
                )
            )


def _tile(photo: PhotoRecord, *, first: bool, state: str, library: Library) -> markup.Tile:
    facts = f"{photo.width:,} × {photo.height:,}, {render.human_size(photo.size)}"
    return markup.Tile(
        picture=thumbnail_of(photo.photo_id, state, library),
        name=photo.paths[0],
        lines=(facts, *photo.paths),
        mark="keep" if first else "",
    )


def as_csv(groups: list[Group]) -> bytes:
    """A line a file, UTF-8; names that are not UTF-8 keep their bytes. `keep` is yes for one file of a group.

    Paths are absolute, so no cell begins with what a spreadsheet would take for a formula.
    """
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    for number, group in enumerate(groups, 1):
        for photo in group.photos:
            for path in photo.paths:
                keep = path == group.photos[0].paths[0]
                size = photo.width, photo.height, photo.size
                lines.writerow((number, group.kind, "yes" if keep else "no", path, *size))
    return text.getvalue().encode("utf-8", "surrogateescape")
