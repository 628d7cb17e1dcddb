"""Photos as points on a plane."""

from __future__ import annotations

import numpy as np
import pytest

from search.photo_map import positions, sample
from storage.records import Vector


def groups(of_each: int) -> Vector:
    """Three groups of unit vectors, each close to an axis of its own."""
    rows = np.repeat(np.eye(3, 8), of_each, axis=0)
    rows = rows + 0.05 * np.random.default_rng(1).normal(size=rows.shape)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def test_a_small_library_is_on_the_map_whole() -> None:
    assert sample(np.array([5, 1, 3]), most=3).tolist() == [1, 3, 5]


def test_of_a_large_one_the_same_photos_every_time() -> None:
    ids = np.arange(1000, dtype=np.int64)
    chosen = sample(ids, most=10)
    assert len(set(chosen.tolist())) == 10
    assert chosen.tolist() == sorted(chosen.tolist()) == sample(ids, most=10).tolist()


def test_alike_photos_lie_together_and_the_map_fills_its_square() -> None:
    points = positions(groups(10))
    assert points.shape == (30, 2) and points.dtype == np.float32
    assert points.min(axis=0).tolist() == [0, 0] and points.max(axis=0).tolist() == [1, 1]
    centres = points.reshape(3, 10, 2).mean(axis=1)
    nearest = np.linalg.norm(points[:, None] - centres[None], axis=2).argmin(axis=1)
    assert nearest.tolist() == [0] * 10 + [1] * 10 + [2] * 10


def test_the_same_photos_give_the_same_map() -> None:
    assert (positions(groups(5)) == positions(groups(5))).all()


@pytest.mark.parametrize(("count", "expected"), [(0, []), (1, [[0, 0]]), (2, [[0, 0], [1, 1]])])
def test_too_few_for_a_map_lie_apart(count: int, expected: list[list[float]]) -> None:
    assert positions(np.eye(4, dtype=np.float32)[:count]).tolist() == expected


def test_four_photos_and_equal_photos_have_places_too() -> None:
    assert positions(np.eye(4, dtype=np.float32)).shape == (4, 2)
    assert positions(np.full((3, 4), 0.5, dtype=np.float32)).tolist() == [[0, 0], [0.5, 0.5], [1, 1]]
