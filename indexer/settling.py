"""Which changed files have come to rest, so that none is read while it is still being written."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from typing import TypeAlias

_State: TypeAlias = tuple[int, int] | None


class Settling:
    """Changed paths until they have kept their size and time of last change for a while."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """A path has settled when it has been the same for so many seconds."""
        self._seconds, self._clock = seconds, clock
        self._waiting: dict[str, tuple[_State, float]] = {}
        self._rested: set[str] = set()

    def changed(self, paths: Iterable[str]) -> None:
        """Something has happened at these paths."""
        now = self._clock()
        for path in paths:
            self._rested.discard(path)
            self._waiting[path] = (_state(path), now)

    def look(self) -> None:
        """Look at the waiting paths again."""
        now = self._clock()
        for path, (before, since) in list(self._waiting.items()):
            state = _state(path)
            if state != before:
                self._waiting[path] = (state, now)
            elif now - since >= self._seconds:
                del self._waiting[path]
                self._rested.add(path)

    def busy(self) -> set[str]:
        """The paths that have not settled, and every folder above one of them."""
        found: set[str] = set()
        for path in self._waiting:
            while path not in found:
                found.add(path)
                path = os.path.dirname(path)
        return found

    def settled(self) -> list[str]:
        """The paths that have settled and are not done with, sorted."""
        return sorted(self._rested)

    def done(self, paths: Iterable[str]) -> None:
        """These have been dealt with."""
        self._rested.difference_update(paths)


def _state(path: str) -> _State:
    try:
        facts = os.lstat(path)
    except OSError:
        return None
    return facts.st_size, facts.st_mtime_ns
