"""The visit that a run of the page's script belongs to, which a cookie names from one load to the next.

Every link is a new load, and with it a new session of Streamlit's. Where a browser keeps no cookie, the
visit is the session's, and ends with it.
"""

from __future__ import annotations

import streamlit as st

from ui.visits import Visit, Visits

_KEY, _ENDED = "visit", "visit-ended"


def visit() -> Visit:
    """What is known of the visitor; of one whose cookie says nothing, nothing."""
    known: Visit | None = st.session_state.get(_KEY)
    if known is None:
        known = _visits().find(st.context.cookies.get(cookie())) or Visit()
        st.session_state[_KEY] = known
    return known


def begin() -> None:
    """A new visit, which is let in; whatever token was known before is not let in with it."""
    st.session_state[_KEY] = Visit(let_in=True)


def end() -> None:
    """End the visit in all tabs of its browser, and forget what was asked for in this one."""
    _visits().end(visit())
    st.session_state.clear()
    st.session_state[_ENDED] = True
    st.query_params.clear()


def take_back() -> None:
    """Have the browser forget the name of a visit that has just ended."""
    if st.session_state.pop(_ENDED, False):
        st.html(_to_browser("", "; max-age=0"), unsafe_allow_javascript=True)


def remember() -> None:
    """Keep the visit for further loads of the page; to be called for those who are let in alone.

    Until then a visit's token is known to nobody, so none that was given away before is let in afterwards.
    """
    _visits().keep(visit())
    if st.context.cookies.get(cookie()) != visit().token:
        st.html(_to_browser(visit().token), unsafe_allow_javascript=True)


def cookie() -> str:
    """Its name. A browser sends the cookies of one port to all ports of a machine, so each has its own."""
    return f"bridgelens-visit-{st.get_option('server.port')}"


def _to_browser(token: str, lasting: str = "") -> str:
    """A script that sets the cookie, for as long as the browser is open; it takes no room on the page."""
    return f"""
<style>.stElementContainer:has(.bl-visit) {{ display: none; }}</style>
<span class="bl-visit"></span>
<script>
document.cookie = "{cookie()}={token}; path=/; SameSite=Strict{lasting}" +
  (location.protocol === "https:" ? "; Secure" : "");
</script>
"""


@st.cache_resource(show_spinner=False)
def _visits() -> Visits:
    """Those of all visitors, for as long as the server runs."""
    return Visits()
