"""Who may see the page, and who may change the library from it.

Where nothing is asked of visitors, only whoever sits at the machine changes anything; where they had to say
who they are, all of them may.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from ipaddress import ip_address
from typing import Any

import streamlit as st

from ui.guard import Guard, guard_of
from ui.settings import password
from ui.this_visit import visit

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")
"""Headers of a proxy, whose visitors come from anywhere although their connection comes from this machine."""
ASK_THE_OWNER = "Only somebody at the machine that bridgelens runs on can change the library."


def may_change() -> bool:
    """Whether this visitor may add folders, start and stop runs, change the model and forget photos."""
    return is_here() or (guard() != "machine" and is_let_in())


def is_here() -> bool:
    """Whether this visitor sits at the machine that bridgelens runs on.

    Nobody is taken to where a password or a name is asked for: a proxy may bring them from elsewhere.
    """
    return guard() == "machine" and is_local(st.context.ip_address, st.context.headers)


def is_let_in() -> bool:
    """Whether this visitor may see anything.

    Raises:
        UiError: as `guard_of`.
    """
    asked = guard()
    if asked == "password":
        return visit().let_in
    return asked == "machine" or is_named(st.user.to_dict(), visitors())


def guard() -> Guard:
    """What this server asks of its visitors.

    Raises:
        UiError: as `guard_of`.
    """
    # A script that was started without the flags of `ui.serve`, as by its tests, has no address.
    address = st.get_option("server.address") or "localhost"
    return guard_of(address, password(), sign_in=can_sign_in())


def can_sign_in() -> bool:
    """Whether people can sign in with OpenID Connect: it is set up, for somebody, with its package."""
    return bool(_secret("auth")) and bool(visitors()) and find_spec("authlib") is not None


def visitors() -> Sequence[str]:
    """The e-mail addresses of those who may sign in, from `visitors` under `[bridgelens]` in the secrets."""
    named = _secret("bridgelens").get("visitors", ())
    return [] if isinstance(named, str) else [str(each) for each in named]


def is_named(user: Mapping[str, Any], names: Sequence[str]) -> bool:
    """Whether a provider's answer is of one of these addresses, which it has not called unverified."""
    email = user.get("email")
    known = isinstance(email, str) and email.casefold() in {name.casefold() for name in names}
    return user.get("is_logged_in") is True and known and user.get("email_verified", True) is True


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


def _secret(section: str) -> Mapping[str, Any]:
    """A section of Streamlit's secrets.toml; empty without it."""
    found = st.secrets.get(section, {}) if st.secrets.load_if_toml_exists() else {}
    return found if isinstance(found, Mapping) else {}
