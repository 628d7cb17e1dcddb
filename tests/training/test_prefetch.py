"""Prefetching: each batch is that of its step, begun one step early."""

from __future__ import annotations

import threading

import pytest

from training.prefetch import Prefetch


def test_every_step_gets_its_own_batch_drawn_once() -> None:
    drawn: list[int] = []

    def draw(step: int) -> str:
        drawn.append(step)
        return f"batch {step}"

    batches = Prefetch(draw)
    assert [batches(step) for step in range(4)] == ["batch 0", "batch 1", "batch 2", "batch 3"]
    assert drawn[:4] == [0, 1, 2, 3]
    assert drawn[4:] in ([], [4])  # the next may have begun


def test_the_next_batch_is_drawn_unasked() -> None:
    next_drawn = threading.Event()

    def draw(step: int) -> int:
        if step == 1:
            next_drawn.set()
        return step

    assert Prefetch(draw)(0) == 0
    assert next_drawn.wait(timeout=30)


def test_a_resumed_run_begins_anywhere() -> None:
    batches = Prefetch(lambda step: step * step)
    assert [batches(5), batches(6), batches(2)] == [25, 36, 4]


def test_an_error_is_raised_at_its_own_step() -> None:
    def draw(step: int) -> int:
        if step == 1:
            raise ValueError("no photo at step 1")
        return step

    batches = Prefetch(draw)
    assert batches(0) == 0
    with pytest.raises(ValueError, match="step 1"):
        batches(1)
