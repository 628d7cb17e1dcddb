"""Rates: a round that does not count, then one rate a round."""

from __future__ import annotations

import pytest

from benchmarks.rates import rates_of, row


def test_the_first_round_does_not_count() -> None:
    calls: list[int] = []
    rates = rates_of(lambda: calls.append(1), count=10, repeats=3)
    assert len(calls) == 4
    assert len(rates) == 3 and min(rates) > 0


def test_the_median_round_stands_for_all() -> None:
    assert row("photos", [30.0, 10.0, 80.0]) == {
        "": "photos", "a second": pytest.approx(30), "slowest": 10, "fastest": 80,
    }  # fmt: skip
