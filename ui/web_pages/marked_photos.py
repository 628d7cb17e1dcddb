"""Photos with a box to mark each, and what is marked so far in this visit, over several searches."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui.this_visit import visit
from ui.tile_grid import Shown, grid
from ui.web_pages.address_bar import show, typed

WIDTH = 220
"""Pixels of one photo and its box."""


def marked() -> list[int]:
    """Ids of the photos that are marked, in the order in which they were."""
    return list(visit().marked)


def mark(photo_ids: Sequence[int]) -> None:
    """Mark these as well."""
    visit().marked = tuple(dict.fromkeys([*marked(), *photo_ids]))


def clear() -> None:
    """Mark none any more."""
    visit().marked = ()


def switch() -> bool:
    """A switch for the boxes; whether it is on, which it stays for the visit."""
    show("selecting", visit().selecting)
    return st.toggle("Select photos", key="selecting", on_change=_switched)


def draw(tiles: Sequence[Shown], photo_ids: Sequence[int]) -> None:
    """Each photo with its box; buttons for all of them and for none."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f'<p class="bl-line" role="status">{len(marked()):,} marked</p>', width="content")
        st.button("Mark all shown", on_click=mark, args=(photo_ids,))
        st.button("Clear marks", on_click=clear, disabled=not marked())
    now = set(marked())
    with st.container(horizontal=True, key="to-mark"):
        for place, (photo_id, tile) in enumerate(zip(photo_ids, tiles, strict=True), 1):
            with st.container(width=WIDTH):
                st.html(grid([tile]))
                show(f"mark-{photo_id}", photo_id in now)
                st.checkbox(
                    f"Mark photo {place}", key=f"mark-{photo_id}", on_change=_turned, args=(photo_id,)
                )


def _switched() -> None:
    visit().selecting = bool(typed("selecting"))


def _turned(photo_id: int) -> None:
    if st.session_state[f"mark-{photo_id}"]:
        mark([photo_id])
    else:
        visit().marked = tuple(each for each in marked() if each != photo_id)
