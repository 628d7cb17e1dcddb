"""The Insight page."""

from __future__ import annotations

import streamlit as st

from ui import gallery


def page() -> None:
    """The whole page."""
    st.html(gallery.line("Nothing here yet."))
