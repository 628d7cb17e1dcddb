"""The folders of the library: what is in each, whether it is there, looking through it again, one more."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from indexer.scan import outermost
from storage.library import Library
from storage.presence import is_offline
from storage.tallies import FolderTally
from ui import gallery, markup, render
from ui.away_words import away
from ui.errors import UiError
from ui.settings import Settings
from ui.visitors import ASK_THE_OWNER, may_change
from ui.web_pages.refusals import refusals_as_notes
from ui.web_pages.run_panel import is_busy, start_run

ALL = "All folders"


def draw(settings: Settings, library: Library) -> None:
    """The section."""
    tallies = library.tallies.folders()
    offline = [tally.path for tally in tallies if is_offline(tally.path)]
    if tallies:
        st.html(
            markup.table(
                "Folders that were indexed",
                ("folder", "files", "missing", "not readable", "now"),
                (_row(tally, tally.path in offline) for tally in tallies),
            )
        )
    for folder in offline:
        st.html(
            gallery.note(
                away(folder),
                "If it is on a disk, plug it in. Its photos are kept, and nothing of it counts as missing.",
            )
        )
    with refusals_as_notes():
        if tallies:
            _look_through(settings, [tally.path for tally in tallies])
        add_folder(settings, [tally.path for tally in tallies])


def add_folder(settings: Settings, roots: Sequence[str]) -> None:
    """A line to type a folder into, and a button that indexes it."""
    may = may_change()
    with st.form("add", border=False):
        typed, button = st.columns([5, 1.4], vertical_alignment="bottom")
        folder = typed.text_input(
            "Folder to add", placeholder="/home/me/Pictures", disabled=not may, key="folder-to-add"
        )
        added = button.form_submit_button(
            "Add and index", icon=":material/create_new_folder:", disabled=not may or is_busy(settings)
        )
    if not may:
        st.html(gallery.line(ASK_THE_OWNER))
    if added:
        with refusals_as_notes():
            start_run(settings, "index", "--", checked_folder(folder or "", roots))


def checked_folder(typed: str, roots: Sequence[str]) -> str:
    """The folder that was typed: absolute, without links, there, and not yet in the library.

    Raises:
        UiError: it is not a whole path, or the library has it.
        IndexerError: it is not there, is no folder, or cannot be listed.
    """
    path = Path(typed.strip()).expanduser()
    if not typed.strip() or not path.is_absolute():
        raise UiError(
            f"expected the whole path of a folder, such as {Path.home() / 'Pictures'}; "
            f"found {typed.strip() or 'nothing'}"
        )
    (folder,) = outermost([path])
    if os.fspath(folder) in roots:
        raise UiError(f"{folder} is in the library already; “Look for changes” looks through it again")
    return os.fspath(folder)


def _look_through(settings: Settings, folders: Sequence[str]) -> None:
    choice, button = st.columns([5, 1.4], vertical_alignment="bottom")
    chosen = choice.selectbox("Folder to look through", [ALL, *folders], format_func=render.printable)
    if button.button(
        "Look for changes",
        icon=":material/refresh:",
        disabled=not may_change() or is_busy(settings),
        help="Indexes what is new or has changed, and notes what is gone.",
    ):
        start_run(settings, "index", *([] if chosen == ALL else ["--", chosen]))


def _row(tally: FolderTally, offline: bool) -> tuple[str | int, ...]:
    now = "offline" if offline else "there"
    return tally.path, tally.files, tally.missing, tally.failures, now
