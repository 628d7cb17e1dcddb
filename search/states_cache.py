"""Tower states kept in memory up to a number of bytes, the least recently used going first.

A state that one thread is making is not made by another meanwhile. Nothing is locked while a state is made,
and whoever waits has made all that it claimed, so no two threads wait for each other.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from typing import TypeAlias

from search.encoder import States

Key: TypeAlias = tuple[str, ...]


@dataclass
class Claim:
    """What a thread got of its keys: `held` is ready, `mine` is its own to make, `awaited` another's."""

    held: dict[Key, States] = field(default_factory=dict)
    mine: list[Key] = field(default_factory=list)
    awaited: dict[Key, Future[States]] = field(default_factory=dict)


class StatesCache:
    """States by key, those of at most `limit` bytes; 0 keeps none. Safe to call from several threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = 0
        self._held: OrderedDict[Key, States] = OrderedDict()
        self._making: dict[Key, Future[States]] = {}
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Bytes of the states that are held."""
        return self._bytes

    def __contains__(self, key: Key) -> bool:
        return key in self._held

    def claim(self, keys: Sequence[Key]) -> Claim:
        """Take what is there of these keys. Each key in `mine` must be given or dropped."""
        claim = Claim()
        with self._lock:
            for key in dict.fromkeys(keys):
                if key in self._held:
                    self._held.move_to_end(key)
                    claim.held[key] = self._held[key]
                elif key in self._making:
                    claim.awaited[key] = self._making[key]
                else:
                    self._making[key] = Future()
                    claim.mine.append(key)
        return claim

    def give(self, key: Key, states: States) -> None:
        """Keep the states of a key that was claimed, and hand them to whoever waits."""
        with self._lock:
            making = self._making.pop(key)
            if states.nbytes <= self._limit:
                self._held[key] = states
                self._bytes += states.nbytes
            while self._bytes > self._limit:
                self._bytes -= self._held.popitem(last=False)[1].nbytes
        making.set_result(states)

    def drop(self, keys: Sequence[Key]) -> None:
        """Say that keys which were claimed will not be made; those given already are left alone."""
        with self._lock:
            dropped = [self._making.pop(key) for key in keys if key in self._making]
        for making in dropped:
            making.cancel()


def wait(making: Future[States]) -> States | None:
    """What another thread makes; None when it dropped it."""
    try:
        return making.result()
    except CancelledError:
        return None
