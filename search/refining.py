"""The re-rank, a few photos at a time: in the shortlist's order, until its end or until the time is over.

The nearest photos come first, as they are the likeliest to end up at the top. After each batch those judged
are the beginning of the shortlist, so a search that was stopped is one with a shorter shortlist.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.pair_judge import Mode, PairJudge
from storage.records import PhotoRecord

FIRST = 4  # so that something shows at once; each later batch is twice as long
LONGEST = 64


@dataclass(frozen=True)
class Judged:
    """How far the judging has come: `log_odds` is float32 (photos, captions), NaN from photo `count` on.

    An earlier photo whose file could not be read is NaN too. `looks`, float32 (photos, dim or 0), are those
    of `search.second_look`, NaN likewise. `seconds` went into judging.
    """

    log_odds: NDArray[np.float32]
    looks: NDArray[np.float32]
    count: int
    seconds: float


def judge_in_batches(
    judge: PairJudge, photos: Sequence[PhotoRecord], captions: Sequence[str], budget: float | None,
    mode: Mode = "exact",
) -> Iterator[Judged]:  # fmt: skip
    """Judge photos in order with all captions: what is known before, and after each batch.

    `budget` is the seconds that may go by after the first answer. What a batch will take is told by the one
    before it, and the first is of a single photo then, so that they are exceeded by a photo at most, where
    all take equally long. Whoever stops asking stops the work.
    """
    known = judge.nothing(len(photos), len(captions))
    done, seconds, each = 0, 0.0, 0.0
    size = FIRST if budget is None else 1
    yield Judged(known.log_odds.copy(), known.looks.copy(), 0, 0.0)
    deadline = None if budget is None else time.perf_counter() + budget
    while done < len(photos):
        started = time.perf_counter()
        if deadline is not None:
            size = min(size, affordable(deadline - started, each, size))
            if size < 1:
                return
        end = min(done + size, len(photos))
        found = judge.judge(photos[done:end], captions, mode)
        known.log_odds[done:end], known.looks[done:end] = found.log_odds, found.looks
        took = time.perf_counter() - started
        each, seconds, done, size = took / (end - done), seconds + took, end, min(2 * size, LONGEST)
        yield Judged(known.log_odds.copy(), known.looks.copy(), done, seconds)


def affordable(left: float, each: float, most: int) -> int:
    """How many photos, at most `most`, fit into the seconds left at `each` seconds a photo.

    While any time is left that is one: a model takes longer over its first photo than over all that follow.
    """
    if left <= 0:
        return 0
    return most if each == 0 else max(1, min(most, int(left / each)))
