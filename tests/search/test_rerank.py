"""ITM over files, and the order it makes, with scores that can be added up by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from search.rerank import CHUNK, match_log_odds, probability, rerank_order


def read(path: str) -> Image.Image:
    return Image.open(path).convert("RGB")


def photo_of(folder: Path, odds: int) -> str:
    path = folder / f"{odds}.png"
    Image.new("RGB", (2, 2), (0, max(0, odds), max(0, -odds))).save(path)
    return str(path)


def test_each_file_has_its_own_log_odds(tmp_path: Path, make_encoder: Callable[..., Any]) -> None:
    paths = [photo_of(tmp_path, odds) for odds in (3, -2, 7)]
    assert match_log_odds(make_encoder(), read, paths, "a dog") == [3.0, -2.0, 7.0]


def test_a_file_that_cannot_be_read_has_none_and_the_others_keep_theirs(
    tmp_path: Path, make_encoder: Callable[..., Any]
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"not a photo")
    paths = [photo_of(tmp_path, 3), str(tmp_path / "gone.png"), photo_of(tmp_path, -2), str(broken)]
    assert match_log_odds(make_encoder(), read, paths, "a dog") == [3.0, None, -2.0, None]


def test_a_long_shortlist_is_judged_in_chunks_and_in_order(
    tmp_path: Path, make_encoder: Callable[..., Any]
) -> None:
    encoder = make_encoder()
    odds = [row - 35 for row in range(2 * CHUNK + 6)]
    found = match_log_odds(encoder, read, [photo_of(tmp_path, value) for value in odds], "a dog")
    assert found == [float(value) for value in odds]
    assert encoder.judged == [CHUNK, CHUNK, 6]


def test_nothing_readable_is_nothing_judged(tmp_path: Path, make_encoder: Callable[..., Any]) -> None:
    encoder = make_encoder()
    assert match_log_odds(encoder, read, [str(tmp_path / "gone.png")] * 2, "a dog") == [None, None]
    assert match_log_odds(encoder, read, [], "a dog") == []
    assert encoder.judged == []


@pytest.mark.parametrize(
    ("odds", "order"),
    [
        ([1.0, 2.0, 3.0], [2, 1, 0]),
        ([3.0, 2.0, 1.0], [0, 1, 2]),
        ([5.0, 5.0, 5.0], [0, 1, 2]),  # equals keep the shortlist's order
        ([1.0, None, 3.0], [2, 1, 0]),  # place 1 was not judged, and stays
        ([None, 1.0, 3.0], [0, 2, 1]),
        ([0.0, -1.0, None, 4.0], [3, 0, 2, 1]),
        ([None, None], [0, 1]),
        ([], []),
    ],
)
def test_log_odds_make_the_order(odds: list[float | None], order: list[int]) -> None:
    assert rerank_order([0.9, 0.8, 0.7, 0.6][: len(odds)], odds, 0.0) == order


def test_similarity_counts_by_its_weight() -> None:
    similarities, odds = [0.5, 0.25], [1.0, 2.0]
    assert rerank_order(similarities, odds, 0.0) == [1, 0]
    assert rerank_order(similarities, odds, 4.0) == [0, 1]  # 1 + 2 and 2 + 1: equal, so the shortlist's order
    assert rerank_order(similarities, odds, 3.9) == [1, 0]
    assert rerank_order(similarities, odds, 8.0) == [0, 1]  # 1 + 4 and 2 + 2


def test_probability_is_the_sigmoid_of_the_log_odds() -> None:
    assert probability(None) is None
    assert probability(0.0) == 0.5
    assert probability(math.log(3)) == pytest.approx(0.75)
    assert probability(-1e9) == pytest.approx(0.0, abs=1e-30)
    assert probability(1e9) == 1.0
