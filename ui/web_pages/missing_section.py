"""Files that are gone, and forgetting them, which is the one thing here that cannot be undone."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from storage.library import Library
from storage.presence import is_offline
from storage.pruning import Selection
from ui import gallery, markup, pruning, render
from ui.away_words import away
from ui.settings import Settings
from ui.visitors import may_change
from ui.web_pages.refusals import refusals_as_notes
from ui.web_pages.run_panel import is_busy, start_run

ROWS = 100
"""Files on the page at once; those that went last are shown."""
AGES = {"any time": "", "30 days": "30d", "a year": "1y"}


def draw(settings: Settings, library: Library) -> None:
    """The section."""
    offline = tuple(root for root in library.roots() if is_offline(root))
    for root in offline:
        text = "If it is on a disk, plug it in. Nothing of it is forgotten."
        st.html(gallery.note(away(root), text))
    missing = library.missing_files(None, ROWS)
    if not missing:
        text = "Files that a run finds gone are listed here. They are kept until they are forgotten."
        st.html(gallery.note("No file is missing", text))
        return
    rows = ((file.path, render.local_time(file.since)) for file in missing)
    st.html(markup.table("Files that are gone, the latest first", ("file", "found gone"), rows))
    gone_for = st.selectbox("Gone for longer than", list(AGES))
    age = AGES[gone_for]
    before = datetime.now(UTC) - pruning.age(age) if age else None
    found = library.prunable(Selection(before=before, except_roots=offline))
    with refusals_as_notes():
        if st.button(
            f"Forget {found.files:,} missing files…",
            icon=":material/delete_sweep:",
            disabled=not found.files or not may_change() or is_busy(settings),
        ):
            _confirm(settings, pruning.words(found), age)


@st.dialog("Forget them for good?")
def _confirm(settings: Settings, what: str, age: str) -> None:
    st.html(gallery.line(f"{what} will be forgotten. Nothing is deleted from any disk."))
    st.html(gallery.line("What comes back has to be embedded again."))
    with refusals_as_notes():
        if st.button("Forget for good", type="primary"):
            start_run(settings, "prune", "--yes", *([f"--older-than={age}"] if age else []))
