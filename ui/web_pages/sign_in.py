"""The way in and out, where the page asks who its visitors are."""

from __future__ import annotations

import streamlit as st

from ui import gallery, this_visit
from ui.guard import WINDOW_S, Tries, is_right
from ui.settings import password
from ui.visitors import guard, is_let_in


def draw() -> bool:
    """Whether the visitor is in; a way in is drawn for one who is not.

    Raises:
        UiError: as `ui.guard.guard_of`.
    """
    if is_let_in():
        return True
    if guard() == "password":
        _ask_for_the_password()
    elif st.user.get("is_logged_in"):
        st.html(gallery.note("Not for this account", "The owner of this library has not named it."))
        st.button("Sign out", on_click=_sign_out)
    else:
        st.html(gallery.line("This library is for those whom its owner has named."))
        st.button("Sign in", on_click=st.login)
    return False


def way_out() -> None:
    """A button that ends the visit, where its visitor had to say who they are."""
    asked = guard()
    if asked != "machine":
        leave = this_visit.end if asked == "password" else _sign_out
        st.button("Leave", key="leave", icon=":material/logout:", type="tertiary", on_click=leave)


def _sign_out() -> None:
    """Whoever signs in next in this browser has a visit of their own."""
    this_visit.end()
    st.logout()


def _ask_for_the_password() -> None:
    this_visit.take_back()
    with st.form("password", border=False):
        typed = st.text_input("Password", type="password", autocomplete="current-password")
        pressed = st.form_submit_button("Let me in")
    if not pressed:
        return
    address = st.context.ip_address
    if not _tries().allow(address):
        st.html(gallery.note("Too many tries", f"Wait {WINDOW_S:.0f} seconds, then try again."))
    elif is_right(typed or "", password() or ""):
        _tries().forget(address)
        this_visit.begin()
        st.rerun()
    else:
        st.html(gallery.note("That is not the password", "Whoever runs bridgelens knows it."))


@st.cache_resource(show_spinner=False)
def _tries() -> Tries:
    """Those of all visits."""
    return Tries()
