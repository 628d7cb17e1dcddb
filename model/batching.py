"""Batches that shrink when the device runs out of memory, instead of a run that ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import torch

Part = TypeVar("Part")


class AdaptiveBatches:
    """Splits n items into batches; out of memory halves the batch and tries that batch again.

    The size it ends at is remembered, so that the next call does not run out again.
    """

    def __init__(self, size: int) -> None:
        self.size = size

    def run(self, n: int, compute: Callable[[slice], Part]) -> Iterator[Part]:
        """Yield `compute(rows)` for consecutive rows that cover 0 to n.

        Raises:
            torch.OutOfMemoryError: a single item does not fit.
        """
        start = 0
        while start < n:
            rows = slice(start, min(start + self.size, n))
            try:
                part = compute(rows)
            except RuntimeError as error:
                if not is_out_of_memory(error) or rows.stop - rows.start == 1:
                    raise
                self.size = max(1, (rows.stop - rows.start) // 2)
                free_memory()
                continue
            yield part
            start = rows.stop


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether CUDA, MPS or the CPU allocator had no memory left; only CUDA has an exception of its own."""
    if isinstance(error, torch.OutOfMemoryError):
        return True
    text = str(error)
    return (
        "MPS backend out of memory" in text or "not enough memory" in text or "can't allocate memory" in text
    )


def free_memory() -> None:
    """Give cached blocks back, so that the smaller batch finds room."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()
