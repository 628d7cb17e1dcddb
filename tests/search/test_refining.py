"""Judging in batches: what is known after each, and when it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from search import refining
from search.pair_judge import Judgement
from search.refining import affordable, judge_in_batches


@dataclass
class Row:
    """A judge for whom photo n has log-odds n, and the clock that it takes a second a photo of."""

    asked: list[int] = field(default_factory=list)
    modes: set[str] = field(default_factory=set)
    now: float = 0.0

    def nothing(self, photos: int, captions: int) -> Judgement:
        return Judgement(
            np.full((photos, captions), np.nan, np.float32), np.full((photos, 1), np.nan, np.float32)
        )

    def judge(self, photos: Sequence[Any], captions: Sequence[str], mode: str) -> Judgement:
        self.asked.append(len(photos))
        self.modes.add(mode)
        self.now += len(photos)
        odds = np.array([[photo] * len(captions) for photo in photos], np.float32)
        return Judgement(odds, -odds[:, :1])

    def perf_counter(self) -> float:
        return self.now


def batches(judge: Any, photos: int, budget: float | None = None) -> list[Any]:
    return list(judge_in_batches(judge, list(range(photos)), ["a dog", "snow"], budget))  # type: ignore[arg-type]


def test_batches_double_and_the_first_answer_is_before_them() -> None:
    judge = Row()
    judged = batches(judge, 100)
    assert judge.asked == [4, 8, 16, 32, 40]
    assert [each.count for each in judged] == [0, 4, 12, 28, 60, 100]


def test_batches_grow_to_64_photos() -> None:
    judge = Row()
    batches(judge, 200)
    assert judge.asked == [4, 8, 16, 32, 64, 64, 12]


def test_what_is_judged_stays_and_what_is_not_has_no_log_odds() -> None:
    before, first, last = batches(Row(), 5)
    assert np.isnan(before.log_odds).all()
    np.testing.assert_array_equal(first.log_odds, [[0, 0], [1, 1], [2, 2], [3, 3], [np.nan, np.nan]])
    np.testing.assert_array_equal(last.log_odds, [[0, 0], [1, 1], [2, 2], [3, 3], [4, 4]])
    np.testing.assert_array_equal(first.looks[:, 0], [0, -1, -2, -3, np.nan])
    np.testing.assert_array_equal(last.looks[:, 0], [0, -1, -2, -3, -4])


def test_every_batch_is_judged_in_the_mode_that_is_asked_for() -> None:
    judge = Row()
    batches(judge, 9)
    assert judge.modes == {"exact"}
    judge.modes.clear()
    list(judge_in_batches(judge, list(range(9)), ["a dog"], None, "fast"))  # type: ignore[arg-type]
    assert judge.modes == {"fast"}


def test_nothing_to_judge_is_one_answer() -> None:
    assert [each.count for each in batches(Row(), 0)] == [0]


def test_who_stops_asking_stops_the_work() -> None:
    judge = Row()
    rounds = judge_in_batches(judge, list(range(100)), ["a dog"], None)  # type: ignore[arg-type]
    assert [next(rounds).count for _ in range(3)] == [0, 4, 12]
    rounds.close()  # type: ignore[attr-defined]
    assert judge.asked == [4, 8]


@pytest.mark.parametrize(
    ("budget", "asked"),
    [
        (0.0, []),  # over before it began
        (0.5, [1]),  # the first tells what the others take
        (4.0, [1, 2, 1]),  # after 1 and 2 there is time for one more of the four that would follow
        (4.5, [1, 2, 1, 1]),  # and while any time is left, one more
        (100.0, [1, 2, 4, 3]),
    ],
)
def test_a_budget_is_kept_by_what_the_last_batch_took(
    monkeypatch: pytest.MonkeyPatch, budget: float, asked: list[int]
) -> None:
    judge = Row()
    monkeypatch.setattr(refining, "time", judge)
    assert batches(judge, 10, budget)[-1].count == sum(asked)
    assert judge.asked == asked


@pytest.mark.parametrize(
    ("left", "each", "most", "expected"),
    [(-1, 0, 4, 0), (0, 1, 4, 0), (1, 0, 4, 4), (1, 0.3, 4, 3), (1, 2, 4, 1), (9, 1, 4, 4)],
)
def test_affordable(left: float, each: float, most: int, expected: int) -> None:
    assert affordable(left, each, most) == expected
