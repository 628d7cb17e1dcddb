"""The address of the page, as what it asks for: read at every run, written by the controls."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui.search_address import Asked, as_params, from_params


def asked() -> Asked:
    """What the address asks for now."""
    return from_params(params())


def params() -> dict[str, list[str]]:
    """The words of the address, all those of one name together."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def go(to: Asked) -> None:
    """Ask for something else; the browser's way back leads to what was asked before."""
    st.query_params.from_dict(as_params(to))


def show(key: str, value: Any) -> None:
    """Make the control `key`, which is drawn next, show what the address says.

    Every time: a control whose choices have changed is another one to Streamlit, and would begin empty.
    """
    st.session_state[key] = value


def typed(key: str) -> Any:
    """What a control holds."""
    return st.session_state.get(key)
