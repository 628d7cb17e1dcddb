"""What the server remembers of visits, so that they outlast the loads of a page in one browser."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

LASTS_S = 12 * 3600.0
"""Seconds without use after which a visit is forgotten."""
MOST = 1000


def _new_token() -> str:
    return secrets.token_urlsafe(32)


@dataclass(slots=True)
class Visit:
    """One browser's, over all of its tabs.

    Attributes:
        token: 256 random bits by which the browser names the visit. Who knows them is that visitor.
        let_in: Whether the visitor gave the password.
        marked: Ids of the photos that are marked, in the order in which they were.
        selecting: Whether photos are shown with boxes to mark them.
        searches: Words of the searches by their addresses, the latest first.
    """

    token: str = field(default_factory=_new_token, repr=False)
    let_in: bool = False
    marked: tuple[int, ...] = ()
    selecting: bool = False
    searches: Mapping[str, str] = field(default_factory=dict)


class Visits:
    """The `MOST` that were used last, none of them unused for `LASTS_S`; for all threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Expire by a clock in seconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._used: dict[str, tuple[float, Visit]] = {}  # the one used longest ago first

    def keep(self, visit: Visit) -> None:
        """Remember a visit from now on, or that it is still used; one too many is the oldest's end."""
        with self._lock:
            self._used.pop(visit.token, None)
            self._used[visit.token] = self._clock(), visit
            self._forget()

    def find(self, token: str | None) -> Visit | None:
        """The visit of this token; None for a token that no visit has, or has any more."""
        with self._lock:
            self._forget()
            _, visit = self._used.get(token or "", (0.0, None))
            return visit

    def end(self, visit: Visit) -> None:
        """Forget a visit, and let it in nowhere any more, whoever else holds it."""
        with self._lock:
            self._used.pop(visit.token, None)
            visit.let_in = False

    def _forget(self) -> None:
        ended = self._clock() - LASTS_S
        while self._used:
            oldest, (used, _) = next(iter(self._used.items()))
            if used > ended and len(self._used) <= MOST:
                return
            del self._used[oldest]
