"""What is not on the page: more of the list, the pages of all photos, and where a search's list ends."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from ui import gallery
from ui.search_address import MOST, PAGE, Asked
from ui.web_pages.address_bar import go

# Streamlit leaves the window where the button was. The number makes each page's script another one to it,
# which is run.
_TO_THE_TOP = "<script>/* page %d */ document.querySelector('.stMain')?.scrollTo(0, 0);</script>"


def over_newest(now: Asked, shown: int) -> None:
    """Which of the newest photos these are; on another page than before, from the top of it."""
    top = st.empty()
    if st.session_state.get("page-shown", now.page) != now.page:
        top.html(_TO_THE_TOP % now.page, unsafe_allow_javascript=True)
    st.session_state["page-shown"] = now.page
    skip, _ = now.window
    if shown:
        which = f", {skip + 1:,} to {skip + shown:,}" if skip else ""
        st.html(gallery.line(f"The newest photos{which}:"))
    elif skip:
        st.html(gallery.line("There are not so many photos; the page before has the last of them."))
    else:
        st.html(gallery.line("No photo fits the filters; take one away."))


def under_newest(now: Asked, photos: int) -> None:
    """The way to the rest of the `photos` that the filters leave, `MOST` of them at a time."""
    if now.page == 1 and now.count < min(MOST, photos):
        with st.container(horizontal=True):
            _show_more(now)
            if photos > MOST:
                every = f"Page through all {photos:,}"
                st.button(every, icon=":material/auto_stories:", on_click=go, args=(_at(now, 1),))
        return
    last = max(1, -(-photos // MOST))
    if now.page == last == 1:
        return
    skip, count = now.window
    which = f"{skip + 1:,} to {min(skip + count, photos):,} of {photos:,}"
    before, after = _at(now, min(now.page - 1, last)), _at(now, now.page + 1)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Previous", disabled=now.page == 1, on_click=go, args=(before,))
        st.html(gallery.line(which if skip < photos else f"{photos:,} in all"), width="content")
        st.button("Next", disabled=now.page >= last, on_click=go, args=(after,))


def under_search(now: Asked, photos: int) -> None:
    """More of what was found among `photos`; after the last, why it is the last."""
    if now.count < min(MOST, photos):
        _show_more(now)
    elif photos > MOST:
        st.html(
            gallery.line(
                f"The list ends here: a search shows the {MOST} best of the {photos:,} photos at most. "
                "A more exact caption or a filter finds others."
            )
        )


def _show_more(now: Asked) -> None:
    more = replace(now, count=min(now.count + PAGE, MOST))
    st.button("Show more", icon=":material/expand_more:", on_click=go, args=(more,))


def _at(now: Asked, page: int) -> Asked:
    """A page of all photos, whole."""
    return replace(now, page=page, count=MOST if page == 1 else PAGE)
