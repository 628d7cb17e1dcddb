"""Probabilities by hand: what the regression reads of a shortlist, and what it makes of it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from search.calibration import FEATURES, Calibration, features, from_settings


def floats(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(values, np.float32)


def test_the_features_of_two_photos_by_hand() -> None:
    read = features(floats(0.5, 0.25), floats(2, -1))
    # e to 20 x 0.5 and to 20 x 0.25: the first photo has 1 / (1 + e^-5) of both.
    share = -math.log1p(math.exp(-5))
    assert read[0].tolist() == pytest.approx([0.5, 2, 0.125, share, math.log(2)])
    assert read[1].tolist() == pytest.approx([0.25, -1, -0.125, share - 5, math.log(2)])


def test_a_photo_alone_has_all_of_its_shortlist() -> None:
    assert features(floats(0.3), floats(1))[0].tolist() == pytest.approx([0.3, 1, 0, 0, 0])


def test_a_probability_is_the_sigmoid_of_the_weighted_features() -> None:
    calibration = Calibration(weights=(2, 1, 0, 0, 0), constant=-2, threshold=0.5)
    found = calibration.probabilities(floats(0.5, 0.25), floats(2, -1))
    assert found.dtype == np.float32
    assert found.tolist() == pytest.approx([1 / (1 + math.exp(-1)), 1 / (1 + math.exp(2.5))])


def test_each_photo_has_its_probability_whatever_the_order() -> None:
    calibration = Calibration((5, 0.5, 3, 0.2, -0.1), -1, 0.5)
    there = calibration.probabilities(floats(0.5, 0.2, 0.4), floats(2, -1, 0))
    back = calibration.probabilities(floats(0.4, 0.2, 0.5), floats(0, -1, 2))
    assert back[::-1].tolist() == pytest.approx(there.tolist())


def test_odds_beyond_what_a_float_holds_are_certain() -> None:
    sure = Calibration((0, 1000, 0, 0, 0), 0, 0.5).probabilities(floats(0, 0), floats(5, -5))
    assert sure.tolist() == pytest.approx([1, 0])


def test_what_a_checkpoint_keeps_is_read_back() -> None:
    calibration = Calibration((1, 2, 3, 4, 5), -6, 0.25)
    kept = calibration.as_settings()
    assert kept == {
        "similarity": 1, "log_odds": 2, "above_mean": 3, "log_share": 4, "log_size": 5,
        "constant": -6, "threshold": 0.25,
    }  # fmt: skip
    assert from_settings(kept) == calibration


@pytest.mark.parametrize("settings", [None, {}, {"constant": 1.0, "threshold": 0.5, "novelty": 3.0}])
def test_no_calibration_or_one_of_other_features_is_none(settings: dict[str, float] | None) -> None:
    assert from_settings(settings) is None


def test_the_features_have_names() -> None:
    assert features(floats(0.1), floats(0)).shape[1] == len(FEATURES)
