"""The web page's shell, a Streamlit script that `bridgelens web` runs anew at every interaction.

It has what all pages share, the look and the way between them; each page is a function in `ui/pages/`.
"""

from __future__ import annotations

import streamlit as st

from indexer.errors import IndexerError
from model.errors import ModelError
from search.errors import SearchError
from storage.errors import StorageError
from ui import gallery
from ui.errors import UiError
from ui.pages import insight_page, library_page, search_page


def shell() -> None:
    """The page that the address names; what is refused below becomes a note on it."""
    st.set_page_config(page_title="bridgelens", page_icon=gallery.icon(), layout="wide")
    st.html(gallery.STYLE)
    pages = [
        st.Page(search_page.page, title="Search", icon=":material/search:", url_path="search", default=True),
        st.Page(library_page.page, title="Library", icon=":material/photo_library:", url_path="library"),
        st.Page(insight_page.page, title="Insight", icon=":material/insights:", url_path="insight"),
    ]
    chosen = st.navigation(pages, position="top")
    st.html(gallery.TITLE)
    try:
        chosen.run()
    except (UiError, ModelError, StorageError, IndexerError, SearchError, OSError) as error:
        st.html(gallery.note("That did not work", str(error)))


shell()
