"""Timing in turns: the order of the calls, and the medians of rounds."""

from __future__ import annotations

import time

import pytest

from benchmarks.timing import Turns, clock_of, take_turns

TURNS = Turns([[4.0, 9.0, 10.0], [2.0, 3.0, 1.0]])


def test_the_median_of_one_way() -> None:
    assert TURNS.median(0) == 9.0
    assert TURNS.median(1) == 2.0


def test_ways_are_compared_round_by_round() -> None:
    assert TURNS.times_faster(1) == 3.0  # of 2, 3 and 10: not 9 / 2
    assert TURNS.times_faster(0, than=1) == 1 / 3
    assert TURNS.times_faster(0) == 1.0


def test_ways_take_turns_after_a_warm_up() -> None:
    called: list[str] = []
    turns = take_turns([lambda: called.append("A"), lambda: called.append("B")], rounds=2)
    assert "".join(called) == "AB" + "ABAB"
    assert [len(seconds) for seconds in turns.seconds] == [2, 2]
    assert all(second >= 0 for way in turns.seconds for second in way)


def test_seconds_are_those_of_the_clock() -> None:
    ticks = iter([10.0, 13.0, 20.0, 21.0])
    turns = take_turns([lambda: None, lambda: None], rounds=1, clock=lambda: next(ticks))
    assert turns.seconds == [[3.0], [1.0]]


def test_the_clock_waits_for_cuda_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr("torch.cuda.synchronize", lambda device: done.append(f"{device} is done"))
    monkeypatch.setattr("time.perf_counter", lambda: float(len(done)))
    assert clock_of("cuda")() == 1.0
    assert done == ["cuda is done"]


def test_a_cpu_has_nothing_to_wait_for() -> None:
    assert clock_of("cpu") is time.perf_counter
