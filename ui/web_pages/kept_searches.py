"""The searches of this visit, and those that were saved: each a link that searches again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from ui import gallery, markup, saved_searches
from ui.search_address import Asked, as_link, as_words
from ui.this_visit import visit
from ui.visitors import ASK_THE_OWNER, may_change
from ui.web_pages.refusals import refusals_as_notes

LATEST = 20


def draw(now: Asked, library: Path) -> None:
    """A button that opens both lists."""
    visited = _visited(now)
    with st.popover("Searches", icon=":material/history:"):
        saved = saved_searches.saved(library)
        st.html(markup.links("Saved", list(saved.items())))
        if may_change():
            with refusals_as_notes():
                _save(now, library)
                _remove(list(saved), library)
        else:
            st.html(gallery.line(ASK_THE_OWNER))
        st.html(markup.links("In this visit", [(words, link) for link, words in visited.items()]))


def _visited(now: Asked) -> Mapping[str, str]:
    """Words of the searches of this visit by their addresses, the latest first; this one among them."""
    before = visit().searches
    if not now.is_search:
        return before
    link = as_link(now.first_page())
    rest = {each: words for each, words in before.items() if each != link}
    if now.caption:  # a caption that was typed further is no search of its own
        rest = {each: words for each, words in rest.items() if not _began(words, as_words(now))}
    visit().searches = dict(list({link: as_words(now), **rest}.items())[:LATEST])
    return visit().searches


def _began(shorter: str, longer: str) -> bool:
    return longer.startswith(shorter.rstrip("”")) and shorter != longer


def _save(now: Asked, library: Path) -> None:
    with st.form("save-search", border=False, clear_on_submit=True):
        name = st.text_input("Name", value=as_words(now), max_chars=saved_searches.LONGEST_NAME)
        pressed = st.form_submit_button("Save this search", disabled=not now.is_search)
    if pressed:
        saved_searches.save(library, name or "", as_link(now.first_page()))
        st.rerun()


def _remove(names: list[str], library: Path) -> None:
    if not names:
        return
    name = st.selectbox("Saved search to remove", names, index=None, key="saved-to-remove")
    if st.button("Remove it", disabled=name is None) and name is not None:
        saved_searches.remove(library, name)
        st.rerun()
