"""Lines on a page where searches cannot find every photo, or are slower than they should be."""

from __future__ import annotations

import streamlit as st

from storage.library import Library
from storage.records import ModelRef
from ui import gallery, index_words
from ui.opened import state_of
from ui.settings import Settings


def draw(settings: Settings, library: Library) -> None:
    """The lines; nothing where all is well."""
    model = library.models.active()
    if model is None:
        return
    not_embedded = _not_embedded(state_of(library), model, library)
    for words in index_words.said(library.index_lag(model), not_embedded, model.name, settings):
        st.html(gallery.line(words))


@st.cache_data(show_spinner=False, max_entries=4)
def _not_embedded(state: str, model: ModelRef, _library: Library) -> dict[str, int]:
    """Photos that the model has not embedded, by folder; `state` changes with the library."""
    return _library.models.lacking(model)
