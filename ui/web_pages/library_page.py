"""The Library page: what the library holds, and everything that can be done to it.

It opens the library for reading only. What writes is a background run: `ui/background.py`.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from storage.errors import LibraryNotFound
from storage.library import Library
from storage.records import LibraryStatus
from ui import gallery, markup, render
from ui.opened import open_library
from ui.settings import Settings
from ui.web_pages import (
    duplicates_section,
    failures_section,
    folders_section,
    index_state,
    missing_section,
    models_section,
    run_panel,
)

SECTIONS: dict[str, Callable[[Settings, Library], None]] = {
    "Folders": folders_section.draw,
    "Not readable": failures_section.draw,
    "Duplicates": duplicates_section.draw,
    "Missing": missing_section.draw,
    "Models": models_section.draw,
}


def page() -> None:
    """The whole page."""
    settings = Settings.load()
    run_panel.draw(settings)
    try:
        library = open_library(settings)
    except LibraryNotFound:
        if not run_panel.is_busy(settings):
            text = f"There is none in {settings.library}. It begins with a folder of photos on this machine."
            st.html(gallery.note("No library yet", text))
            folders_section.add_folder(settings, roots=[])
        return
    st.html(markup.counts(facts(library.status())))
    index_state.draw(settings, library)
    section = st.segmented_control(
        "Section", list(SECTIONS), default="Folders", required=True, key="section", bind="query-params"
    )
    SECTIONS[section or "Folders"](settings, library)


def facts(status: LibraryStatus) -> list[tuple[str, str]]:
    """The library in a few numbers, for `markup.counts`."""
    model = "none yet" if status.active_model is None else status.active_model.name
    return [
        ("photos", f"{status.photos:,}"),
        ("files", f"{status.files:,}"),
        ("missing files", f"{status.missing_files:,}"),
        ("not readable", f"{status.failures:,}"),
        ("library on disk", render.human_size(status.size_bytes)),
        ("model", model),
    ]
