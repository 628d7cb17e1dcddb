"""Who may change the library from the web page: whoever sits at the machine it runs on."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address

import streamlit as st

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")
"""Headers of a proxy, whose visitors come from anywhere although their connection comes from this machine."""
ASK_THE_OWNER = "Only somebody at the machine that bridgelens runs on can change the library."


def may_change() -> bool:
    """Whether this visitor may add folders, start and stop runs, change the model and forget photos."""
    return is_local(st.context.ip_address, st.context.headers)


def is_local(address: str | None, headers: Mapping[str, str]) -> bool:
    """Whether a connection comes from this machine itself.

    `address` is the other end's, and None for loopback, as Streamlit gives it.
    """
    names = {name.lower() for name in headers}
    if any(name.lower() in names for name in FORWARDED):
        return False
    if address is None:
        return True
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
