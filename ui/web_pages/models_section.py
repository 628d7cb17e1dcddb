"""The models of the library: which one searches it, changing to another, and the way back."""

from __future__ import annotations

import streamlit as st

from storage.library import Library
from ui import gallery, markup
from ui.errors import UiError
from ui.settings import Settings
from ui.visitors import may_change
from ui.web_pages.refusals import refusals_as_notes
from ui.web_pages.run_panel import is_busy, start_run


def draw(settings: Settings, library: Library) -> None:
    """The section."""
    status, before = library.status(), library.models.before()
    if status.active_model is None:
        st.html(gallery.note("No model yet", "The first folder that is indexed brings the library's model."))
        return
    rows = []
    for model, embedded in status.models:
        use = "searched with this one" if model == status.active_model else ""
        if before is not None and model == before:
            use = "the one before"
        lacking = sum(library.models.lacking(model).values())
        rows.append((model.name, model.fingerprint, embedded, lacking, use))
    headings = ("model", "fingerprint", "photos embedded", "photos lacking", "")
    st.html(markup.table("Models that have embedded photos", headings, rows))
    disabled = not may_change() or is_busy(settings)
    with refusals_as_notes():
        _change(settings, disabled)
        if before is not None and st.button(
            "Back to the model before",
            icon=":material/undo:",
            disabled=disabled,
            help="Its embeddings are still there. Those of the present model are kept, too.",
        ):
            start_run(settings, "rollback")


def _change(settings: Settings, disabled: bool) -> None:
    with st.form("reindex", border=False):
        typed, button = st.columns([5, 1.4], vertical_alignment="bottom")
        name = typed.text_input(
            "Model to change to",
            disabled=disabled,
            key="model-to-change-to",
            help="mini, large, the folder of a checkpoint, or its name on the hub. Searches go on with the "
            "present model until the new one has embedded every photo.",
        )
        change = button.form_submit_button(
            "Embed and change", icon=":material/swap_horiz:", disabled=disabled
        )
    if change:
        with refusals_as_notes():
            if not (name or "").strip():
                raise UiError("expected the name of a model, such as mini; found nothing")
            start_run(settings, "reindex", f"--model={(name or '').strip()}")
