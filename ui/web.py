"""The web page's shell, a Streamlit script that `bridgelens web` runs anew at every interaction.

It has what all pages share, the look and the way between them; each page is a function in `ui/web_pages/`.
"""

from __future__ import annotations

import streamlit as st

from ui import bars, gallery, large_photo, markup, this_visit, tile_grid
from ui.web_pages import insight_page, library_page, photo_page, search_page, sign_in
from ui.web_pages.refusals import refusals_as_notes


def shell() -> None:
    """The page that the address names; what is refused below becomes a note on it."""
    st.set_page_config(page_title="bridgelens", page_icon=gallery.icon(), layout="wide")
    st.html(gallery.STYLE)
    st.html(markup.STYLE + tile_grid.STYLE + large_photo.STYLE + bars.STYLE)
    search = st.Page(
        search_page.page, title="Search", icon=":material/search:", url_path="search", default=True
    )

    def photo() -> None:
        photo_page.page(search)

    pages = [
        search,
        st.Page(library_page.page, title="Library", icon=":material/photo_library:", url_path="library"),
        st.Page(insight_page.page, title="Insight", icon=":material/insights:", url_path="insight"),
        st.Page(photo, title="Photo", icon=":material/photo:", url_path="photo", visibility="hidden"),
    ]
    chosen = st.navigation(pages, position="top")
    st.html(gallery.TITLE)
    with refusals_as_notes():
        if sign_in.draw():
            sign_in.way_out()
            this_visit.remember()
            chosen.run()


shell()
