"""What could not be read, and why: by folder, kind and reason; and another try."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from indexer.failure_kinds import counts_by_kind
from storage.library import Library
from storage.records import Failure
from ui import gallery, markup, render
from ui.failures import chosen
from ui.settings import Settings
from ui.visitors import may_change
from ui.web_pages.refusals import refusals_as_notes
from ui.web_pages.run_panel import is_busy, start_run

ROWS = 100
"""Failures on the page at once."""
ANY = "Any"


def draw(settings: Settings, library: Library) -> None:
    """The section."""
    failures = library.failures()
    if not failures:
        st.html(
            gallery.note(
                "Everything could be read", "Files that cannot be read are listed here, with the reason."
            )
        )
        return
    folder, kind, reason = _choose(library, failures)
    found = chosen(library, None if folder is None else Path(folder), kind, reason)
    _list(found)
    again = [] if folder is None else ["--", folder]
    if kind is not None:
        again.insert(0, f"--kind={kind}")
    if reason is not None:
        again.insert(0, f"--reason={reason}")
    with refusals_as_notes():
        if st.button(
            f"Try these {len(found):,} again",
            icon=":material/refresh:",
            disabled=not found or not may_change() or is_busy(settings),
            help="A file that has changed is tried again by every run; this tries unchanged ones too.",
        ):
            start_run(settings, "failures", "--retry", *again)


def _choose(library: Library, failures: list[Failure]) -> tuple[str | None, str | None, str | None]:
    """The folder, the kind and the text that the visitor wants; None is any."""
    kinds = counts_by_kind(failures)
    first, second, third = st.columns(3)
    folder = first.selectbox("Folder", [ANY, *library.roots()], format_func=render.printable)
    kind = second.selectbox(
        "Kind",
        [ANY, *kinds],
        format_func=lambda each: ANY if each == ANY else f"{render.printable(each)} ({kinds[each]:,})",
    )
    reason = third.text_input("Words in the reason")
    return (None if folder == ANY else folder), (None if kind == ANY else kind), (reason or None)


def _list(found: list[Failure]) -> None:
    pages = max(1, -(-len(found) // ROWS))
    page = 1 if pages == 1 else int(st.number_input(f"Page, of {pages:,}", 1, pages))
    shown = found[(page - 1) * ROWS : page * ROWS]
    rows = ((each.path, each.reason, render.local_time(each.failed_at)) for each in shown)
    st.html(markup.table(f"{len(found):,} files that could not be read", ("file", "reason", "when"), rows))
