"""Ways of doing one thing, timed in turns, so that what else the machine does hits all of them alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Turns:
    """Seconds of each way in each round: `seconds[way][round]`."""

    seconds: Sequence[Sequence[float]]

    def median(self, way: int) -> float:
        """Median seconds of one way."""
        return statistics.median(self.seconds[way])

    def times_faster(self, way: int, than: int = 0) -> float:
        """The median over rounds of how many times faster a way was than another in the same round."""
        rounds = zip(self.seconds[than], self.seconds[way], strict=True)
        return statistics.median(theirs / ours for theirs, ours in rounds)


def clock_of(device: str) -> Callable[[], float]:
    """Wall seconds; on CUDA, which works on after a call returns, read once all of that work is done."""
    if not device.startswith("cuda"):
        return time.perf_counter

    def done() -> float:
        torch.cuda.synchronize(device)
        return time.perf_counter()

    return done


def take_turns(
    ways: Sequence[Callable[[], object]], rounds: int, clock: Callable[[], float] = time.perf_counter
) -> Turns:
    """Run every way once to warm up, then A B A B for so many rounds.

    `clock` gives seconds; `time.thread_time` counts those that this thread had a CPU, which fits work on one
    thread while other programs take turns with it.
    """
    for way in ways:
        way()
    seconds: list[list[float]] = [[] for _ in ways]
    for _ in range(rounds):
        for place, way in enumerate(ways):
            started = clock()
            way()
            seconds[place].append(clock() - started)
    return Turns(seconds)
