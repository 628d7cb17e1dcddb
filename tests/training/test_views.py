"""Views: the whole photo first, crops after it, and the same crops for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from training.photos import SIDE
from training.views import Views, make_views, normalise

WHITE, BLACK = [1.0] * 3, [-127 / 128] * 3


@pytest.fixture
def half_white() -> NDArray[np.uint8]:
    """One photo whose left half is white and right half black, uint8 (1, 224, 224, 3)."""
    pixels = np.zeros((1, SIDE, SIDE, 3), dtype=np.uint8)
    pixels[:, :, : SIDE // 2] = 255
    return pixels


def one_view(box: tuple[int, int, int, int], mirrored: bool) -> Views:
    return Views(np.array([[box]], dtype=np.float32), np.array([[mirrored]]))


def test_black_and_white_are_normalised_as_the_teacher_was_taught() -> None:
    values = np.zeros((1, 2, 3), dtype=np.float32)
    values[0, 1] = 255
    assert normalise(values)[:, 0, 0] == pytest.approx(BLACK)
    assert normalise(values)[:, 0, 1] == pytest.approx(WHITE)


def test_view_0_is_every_photo_whole() -> None:
    views = make_views(n=5, count=3, seed=0)
    assert (views.boxes[0] == (0, 0, SIDE, SIDE)).all()
    assert not views.mirrored[0].any()


def test_view_1_is_its_mirror_image() -> None:
    views = make_views(n=5, count=2, seed=0)
    assert (views.boxes[1] == (0, 0, SIDE, SIDE)).all()
    assert views.mirrored[1].all()


def test_crops_lie_in_the_photo_and_keep_two_fifths_of_it() -> None:
    left, upper, right, lower = np.moveaxis(make_views(n=500, count=4, seed=0).boxes[2:], -1, 0)
    assert left.min() >= 0 and upper.min() >= 0
    assert right.max() <= SIDE + 1e-3 and lower.max() <= SIDE + 1e-3
    width, height = right - left, lower - upper
    assert (width * height).min() >= 0.4 * SIDE**2 - 1
    assert (width / height).max() <= 5 / 3 + 1e-3
    assert (width / height).min() >= 3 / 5 - 1e-3


def test_views_follow_from_their_seed() -> None:
    first, again, other = (make_views(n=4, count=3, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.boxes, again.boxes) and np.array_equal(first.mirrored, again.mirrored)
    assert not np.array_equal(first.boxes, other.boxes)


def test_a_mirrored_view_swaps_left_and_right(half_white: NDArray[np.uint8]) -> None:
    plain = one_view((0, 0, SIDE, SIDE), mirrored=False).render(half_white, 0, 0)
    mirrored = one_view((0, 0, SIDE, SIDE), mirrored=True).render(half_white, 0, 0)
    assert plain[:, 7, 0] == pytest.approx(WHITE) and plain[:, 7, -1] == pytest.approx(BLACK)
    assert mirrored[:, 7, 0] == pytest.approx(BLACK) and mirrored[:, 7, -1] == pytest.approx(WHITE)


def test_a_crop_shows_its_box_alone(half_white: NDArray[np.uint8]) -> None:
    crop = one_view((124, 0, 224, 100), mirrored=False).render(half_white, 0, 0)
    assert crop.shape == (3, SIDE, SIDE)
    assert crop.max(axis=(1, 2)) == pytest.approx(BLACK)


def test_a_batch_takes_each_row_with_its_view(half_white: NDArray[np.uint8]) -> None:
    views = Views(np.full((2, 1, 4), (0, 0, SIDE, SIDE), dtype=np.float32), np.array([[False], [True]]))
    batch = views.render_batch(half_white, np.array([1, 0]), np.array([0, 0]))
    assert np.array_equal(batch[0], batch[1][:, :, ::-1])
    assert batch[1][0, 0, 0] == pytest.approx(WHITE[0])
