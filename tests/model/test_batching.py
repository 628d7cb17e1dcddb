"""Out of memory halves the batch, and every row is still computed once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from model.batching import AdaptiveBatches, is_out_of_memory


def fits(limit: int, rows_seen: list[tuple[int, int]]) -> Callable[[slice], int]:
    """A computation that has room for `limit` rows."""

    def compute(rows: slice) -> int:
        if rows.stop - rows.start > limit:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        rows_seen.append((rows.start, rows.stop))
        return int(rows.stop - rows.start)

    return compute


def test_batches_that_fit_are_of_the_given_size() -> None:
    seen: list[tuple[int, int]] = []
    assert list(AdaptiveBatches(4).run(10, fits(99, seen))) == [4, 4, 2]
    assert seen == [(0, 4), (4, 8), (8, 10)]


def test_no_rows_are_no_batches() -> None:
    assert list(AdaptiveBatches(4).run(0, fits(99, []))) == []


def test_out_of_memory_halves_until_it_fits_and_covers_every_row_once() -> None:
    seen: list[tuple[int, int]] = []
    batches = AdaptiveBatches(16)
    list(batches.run(20, fits(5, seen)))
    assert seen == [(0, 4), (4, 8), (8, 12), (12, 16), (16, 20)]  # 16, 8, then 4 at a time


def test_the_size_that_fits_is_remembered() -> None:
    batches = AdaptiveBatches(16)
    list(batches.run(20, fits(5, [])))
    assert batches.size == 4


def test_memory_that_gets_short_half_way_loses_no_row() -> None:
    seen: list[tuple[int, int]] = []

    def compute(rows: slice) -> None:
        limit = 8 if rows.start < 8 else 3
        fits(limit, seen)(rows)

    list(AdaptiveBatches(8).run(13, compute))
    assert seen == [(0, 8), (8, 10), (10, 12), (12, 13)]


def test_one_row_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(torch.OutOfMemoryError):
        list(AdaptiveBatches(8).run(3, fits(0, [])))


def test_other_errors_are_not_taken_for_memory() -> None:
    with pytest.raises(ZeroDivisionError):
        list(AdaptiveBatches(8).run(3, lambda rows: 1 // 0))
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        torch_error = RuntimeError("mat1 and mat2 shapes cannot be multiplied")

        def compute(rows: slice) -> None:
            raise torch_error

        list(AdaptiveBatches(8).run(3, compute))


@pytest.mark.parametrize(
    "text",
    [
        "MPS backend out of memory (MPS allocated: 9.05 GB)",
        "[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory: you",
        "DefaultCPUAllocator: not enough memory: you tried to allocate 100 bytes.",
    ],
)
def test_allocators_without_an_exception_of_their_own_are_known_by_their_words(text: str) -> None:
    assert is_out_of_memory(RuntimeError(text))


def test_torch_itself_says_so_when_the_cpu_has_no_room() -> None:
    with pytest.raises(RuntimeError) as raised:
        torch.empty(1 << 55, dtype=torch.uint8)
    assert is_out_of_memory(raised.value)
