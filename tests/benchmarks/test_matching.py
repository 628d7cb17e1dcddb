"""Matching: every way over the same pairs has the same log-odds, and the parts are rows of their own."""

from __future__ import annotations

import time

import numpy as np
import pytest

from benchmarks.matching import THEIRS, compare, take_apart
from benchmarks.networks import bridgetower_around, config_of, random_network
from model.bridgetower import BridgeTower

CROPS = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)
EXACT = [THEIRS, "nothing in hand", "nothing in hand, bytes", "photos in hand", "the same search again"]


@pytest.fixture(scope="module")
def model() -> BridgeTower:
    return bridgetower_around(random_network(config_of("mini")))


def test_the_exact_ways_agree_and_merging_does_not(model: BridgeTower) -> None:
    off = {row["way"]: row["log-odds off by"] for row in compare({"": model}, CROPS, 1, time.perf_counter)}
    assert list(off) == [*EXACT, "a quarter of the tokens"]
    assert all(off[way] < 2e-5 for way in EXACT)
    assert off["a quarter of the tokens"] > 1e-3


def test_parts_fill_the_columns_of_the_ways(model: BridgeTower) -> None:
    models = {"": model, ", again": model}
    ways, parts = (work(models, CROPS, 1, time.perf_counter) for work in (compare, take_apart))
    assert {tuple(row) for row in (*ways, *parts)} == {tuple(ways[0])}
    assert "than bfloat16" in ways[0]
    assert [row["way"] for row in parts[::4]] == ["  pixels sent", "  pixels sent, again"]
