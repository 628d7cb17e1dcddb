"""Calibration of a handful of predictions, binned and averaged by hand."""

from __future__ import annotations

import numpy as np
import pytest

from search.calibration_error import Bin, expected_calibration_error, reliability

PREDICTED = np.array([0.125, 0.375, 0.75, 0.75])
TRUTH = np.array([False, True, True, False])


def test_bins_have_mean_share_and_count_and_empty_ones_are_left_out() -> None:
    assert reliability(PREDICTED, TRUTH, bins=2) == [Bin(0.25, 0.5, 2), Bin(0.75, 0.5, 2)]
    assert reliability(PREDICTED, TRUTH, bins=10) == [
        Bin(0.125, 0.0, 1), Bin(0.375, 1.0, 1), Bin(0.75, 0.5, 2)
    ]  # fmt: skip


def test_the_error_is_the_mean_distance_weighted_by_count() -> None:
    assert expected_calibration_error(PREDICTED, TRUTH, bins=2) == 0.25
    assert expected_calibration_error(PREDICTED, TRUTH, bins=10) == pytest.approx((0.125 + 0.625 + 0.5) / 4)


def test_kept_promises_have_no_error_and_broken_ones_all_of_it() -> None:
    assert expected_calibration_error(np.full(4, 0.25), np.array([1, 0, 0, 0])) == 0.0
    assert expected_calibration_error(np.array([0.0, 1.0]), np.array([0, 1])) == 0.0
    assert expected_calibration_error(np.array([0.0, 1.0]), np.array([1, 0])) == 1.0


def test_a_prediction_between_two_bins_belongs_to_the_lower() -> None:
    assert [each.count for each in reliability(np.array([0.5, 0.5, 0.625]), np.ones(3), bins=2)] == [2, 1]
