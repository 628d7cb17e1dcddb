"""The next batch is drawn while this one is learned."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

Batch = TypeVar("Batch")


class Prefetch(Generic[Batch]):
    """Calls `draw(step)` one step ahead, in a thread; a batch depends on its step alone."""

    def __init__(self, draw: Callable[[int], Batch]) -> None:
        self._draw = draw
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._coming: dict[int, Future[Batch]] = {}

    def __call__(self, step: int) -> Batch:
        """The batch of this step; the next one is begun."""
        batch = self._coming.pop(step, None) or self._thread.submit(self._draw, step)
        self._coming[step + 1] = self._thread.submit(self._draw, step + 1)
        return batch.result()
