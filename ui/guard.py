"""Who is let in to the web page: this machine alone, whoever knows a password, or whom a provider names."""

from __future__ import annotations

import hmac
import threading
import time
from collections import deque
from collections.abc import Callable
from hashlib import sha256
from ipaddress import ip_address
from typing import Literal, TypeAlias

from ui.errors import UiError

Guard: TypeAlias = Literal["machine", "password", "sign-in"]
"""`machine` asks nothing, since nobody else can connect; the others ask every visitor."""

LEAST_LETTERS = 12
WINDOW_S = 60.0
MOST_TRIES, MOST_TRIES_OF_ALL = 5, 50
"""Within the window: from one address, and from all of them."""


def guard_of(host: str, password: str | None, *, sign_in: bool) -> Guard:
    """What a page that is served at `host` asks of its visitors.

    A password that is given is asked for on this machine too: a proxy may bring visitors from elsewhere.

    Raises:
        UiError: the password is too short, or others can connect and nothing would be asked of them.
    """
    if password is not None and len(password) < LEAST_LETTERS:
        raise UiError(f"BRIDGELENS_PASSWORD has {len(password)} characters; expected {LEAST_LETTERS} or more")
    if password is not None:
        return "password"
    if is_loopback(host):
        return "machine"
    if sign_in:
        return "sign-in"
    raise UiError(
        f"--host {host} lets other machines in, and nothing would be asked of them. Either set "
        f"BRIDGELENS_PASSWORD to {LEAST_LETTERS} characters or more; or let people sign in with OpenID "
        'Connect: .streamlit/secrets.toml with [auth], as for st.login, and visitors = ["me@example.org"] '
        'under [bridgelens], and pip install "streamlit[auth]"'
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine itself can connect to an address or a name."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_right(typed: str, password: str) -> bool:
    """Whether this is the password; it takes as long whatever was typed."""
    return hmac.compare_digest(_digest(typed), _digest(password))


class Tries:
    """How often a password was tried lately; one for all visits, as a new visit costs nothing."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Count by a clock in seconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._tried: deque[tuple[float, str | None]] = deque()

    def allow(self, address: str | None) -> bool:
        """Count one more from this address, before it is looked at; False, uncounted, for one too many."""
        with self._lock:
            now = self._clock()
            while self._tried and self._tried[0][0] <= now - WINDOW_S:
                self._tried.popleft()
            own = sum(each == address for _, each in self._tried)
            if own >= MOST_TRIES or len(self._tried) >= MOST_TRIES_OF_ALL:
                return False
            self._tried.append((now, address))
            return True

    def forget(self, address: str | None) -> None:
        """Count nothing of an address any more, since it knew the password."""
        with self._lock:
            self._tried = deque(each for each in self._tried if each[1] != address)


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
