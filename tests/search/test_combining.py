"""Several captions, what is not wanted, and a photo to resemble, with scores that can be added up by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from search.asked import Asked
from search.calibration import Calibration
from search.combining import Evidence, chances, scores, sigmoid

NAN = float("nan")
NONE = np.zeros((0, 1), np.float32)


def asked(*shares: float, unwanted: int = 0) -> Asked:
    captions, not_wanted = ("a dog",) * len(shares), ("snow",) * unwanted
    return Asked(captions, np.array(shares), not_wanted, NONE, None, None, NONE)


def evidence(
    odds: list[list[float]], cosines: list[list[float]] | None = None,
    resemblance: list[float] | None = None, judged: int | None = None,
) -> Evidence:  # fmt: skip
    known = np.array(odds, np.float32)
    near = np.zeros_like(known) if cosines is None else np.array(cosines, np.float32)
    alike = None if resemblance is None else np.array(resemblance, np.float32)
    return Evidence(near, alike, known, len(known) if judged is None else judged)


def test_one_captions_score_is_log_odds_and_weighted_similarity() -> None:
    known = evidence([[3], [NAN], [-2]], [[0.5], [0.25], [0.75]])
    np.testing.assert_array_equal(scores(asked(1), known, 8.0), [7, NAN, 4])


def test_what_stands_for_the_similarity_counts_with_what_is_wanted_alone() -> None:
    known = evidence([[3, 1], [1, 1], [NAN, NAN]], [[0.5, 1], [0.75, 1], [0, 0]])
    known = replace(known, meant=np.array([[0.25], [0.25], [-0.125]], np.float32))
    np.testing.assert_array_equal(scores(asked(1, unwanted=1), known, 8.0), [3 + 2 - 1, 1 + 2 - 1, NAN])


def test_several_captions_have_their_weighted_mean() -> None:
    known = evidence([[3, 6], [1, -2]], [[0.5, 0], [0, 0.25]])
    assert scores(asked(0.5, 0.5), known, 4.0).tolist() == [(5 + 6) / 2, (1 - 1) / 2]
    assert scores(asked(0.75, 0.25), known, 4.0).tolist() == [(15 + 6) / 4, (3 - 1) / 4]


def test_a_photo_that_one_caption_could_not_judge_has_no_score() -> None:
    assert np.isnan(scores(asked(0.5, 0.5), evidence([[3, NAN]]), 0.0)).all()


def test_the_log_odds_of_what_is_not_wanted_are_taken_off_of_several_the_largest() -> None:
    known = evidence([[3, 2, -5], [1, -4, -3], [NAN, NAN, NAN]], [[0.5, 1, 1], [0, 1, 1], [0, 0, 0]])
    np.testing.assert_array_equal(scores(asked(1, unwanted=2), known, 2.0), [3 + 1 - 2, 1 + 3, NAN])


def test_likeness_and_captions_count_in_standard_deviations() -> None:
    # Of 1, 3 and 5 the standard deviation is (8 / 3) ** 0.5, and of 0.2, 0.2 and 0.8 it is 0.08 ** 0.5.
    known = evidence([[1], [3], [5], [NAN]], resemblance=[0.8, 0.2, 0.2, 0.9])
    by_caption, by_photo = 2 / (8 / 3) ** 0.5, 0.08**0.5
    np.testing.assert_allclose(
        scores(asked(1), known, 0.0),
        [0.4 / by_photo - by_caption, -0.2 / by_photo, by_caption - 0.2 / by_photo, NAN],
        rtol=1e-5,
    )


def test_where_all_are_alike_likeness_says_nothing() -> None:
    known = evidence([[1], [3]], resemblance=[0.5, 0.5])
    assert scores(asked(1), known, 0.0).tolist() == [-1, 1]


def test_a_single_photo_has_nothing_to_stand_out_from() -> None:
    assert scores(asked(1), evidence([[1]], resemblance=[0.5]), 0.0).tolist() == [0]
    assert scores(asked(1), evidence([[NAN]], resemblance=[0.5], judged=0), 0.0).tolist() == pytest.approx(
        [NAN], nan_ok=True
    )


def test_without_a_calibration_a_probability_is_itms() -> None:
    found = chances(asked(1), evidence([[math.log(3)], [0], [NAN]]), None)
    np.testing.assert_allclose(found, [0.75, 0.5, NAN], rtol=1e-6)


def test_several_captions_have_the_weighted_mean_of_their_log_odds() -> None:
    found = chances(asked(0.75, 0.25), evidence([[math.log(3), math.log(3)], [0, 4 * math.log(9)]]), None)
    assert found.tolist() == pytest.approx([0.75, 0.9])


def test_a_photo_alone_is_no_caption_to_be_likely() -> None:
    assert np.isnan(chances(asked(unwanted=1), evidence([[3]], resemblance=[0.5]), None)).all()


BY_SIZE = Calibration((0, 0, 0, 0, 1), 0, 0.5)  # n photos to n / (n + 1)


@pytest.mark.parametrize(("judged", "size"), [(4, 3), (3, 3), (1, 4), (0, 4)])
def test_a_calibration_counts_what_is_judged_or_will_be(judged: int, size: int) -> None:
    odds = [1.0, 1.0, NAN, 1.0][:judged] + [NAN] * (4 - judged)  # the third file cannot be read
    found = chances(asked(1), evidence([[value] for value in odds], judged=judged), BY_SIZE)
    # Features of what has no log-odds yet are not known.
    expected = [NAN if np.isnan(value) else size / (size + 1) for value in odds]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_sigmoid() -> None:
    assert sigmoid(np.array([0, 1e9, -1e9], np.float32)).tolist() == pytest.approx([0.5, 1, 0])
