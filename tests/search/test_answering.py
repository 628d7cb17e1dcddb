"""From what is known of a shortlist to matches: order, probability, groups, and that nothing matches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from search.answering import Answering
from search.asked import Asked
from search.calibration import Calibration
from search.combining import Evidence
from search.query import Query
from search.shortlist import Found
from storage.records import PhotoRecord

NAN = float("nan")


class Told:
    """Stands in for `search.folding.Versions`: photos of one tens are versions of one."""

    def of(self, photo_id: int) -> set[int]:
        return set(range(photo_id - photo_id % 10, photo_id - photo_id % 10 + 10)) - {photo_id}


def answering(
    *ids: int, size: int, k: int = 10, fold: bool = False, threshold: float | None = None
) -> Answering:
    photos = tuple(
        PhotoRecord(each, (f"/{each}.jpg",), "", 3, 2, "JPEG", None, None, None, None) for each in ids
    )
    one = np.ones((1, 1), np.float32)
    asked = Asked(("a dog",), np.ones(1), (), one, None, None, one[0])
    found = Found(photos, tuple(0.9 - place / 10 for place in range(len(ids))), size)
    calibration = None if threshold is None else Calibration((0, 1, 0, 0, 0), 0, threshold)
    versions: Any = Told() if fold else None
    return Answering(Query("a dog", k=k, shortlist=size), asked, found, versions, 0.0, calibration)


def evidence(*odds: float, judged: int | None = None) -> Evidence:
    column = np.array(odds, np.float32)[:, None]
    return Evidence(np.zeros_like(column), None, column, len(odds) if judged is None else judged)


def ids(found: Any) -> list[int]:
    return [match.photo_id for match in found.matches]


def test_what_is_judged_is_ordered_and_what_lies_beyond_follows() -> None:
    found = answering(1, 2, 3, 4, size=3).answer(evidence(0, 5, 2))
    assert ids(found) == [2, 3, 1, 4]
    assert [match.rank for match in found.matches] == [1, 2, 3, 4]
    assert [match.similarity for match in found.matches] == pytest.approx([0.8, 0.7, 0.9, 0.6])
    assert [match.probability for match in found.matches] == [
        pytest.approx(0.9933071), pytest.approx(0.8807970), 0.5, None,
    ]  # fmt: skip


def test_k_counts_groups_and_beyond_the_shortlist_nothing_is_folded() -> None:
    # 11, 13 and 12 are versions of one photo, as are 21 and 22; 14 lies beyond the shortlist.
    found = answering(11, 21, 12, 13, 22, 14, size=5, k=3, fold=True).answer(evidence(1, 2, 3, 4, 0))
    assert ids(found) == [13, 21, 14]
    assert [[each.photo_id for each in match.folded] for match in found.matches] == [[12, 11], [22], []]
    assert [[each.rank for each in match.folded] for match in found.matches] == [[1, 1], [2], []]
    assert [each.similarity for each in found.matches[0].folded] == pytest.approx([0.7, 0.9])


def test_groups_of_a_shorter_answer_are_those_of_a_longer() -> None:
    def matches(k: int) -> Any:
        question = answering(11, 21, 12, 31, 22, 41, 13, size=5, k=k, fold=True)
        return question.answer(evidence(1, 2, 3, 4, 5)).matches

    for k in range(1, 6):
        assert matches(k) == matches(5)[:k]


@pytest.mark.parametrize(("threshold", "nothing"), [(0.8, False), (0.9, True)])
def test_nothing_matches_where_the_first_is_below_the_threshold(threshold: float, nothing: bool) -> None:
    found = answering(1, 2, size=2, threshold=threshold).answer(evidence(0, 2))  # the sigmoid of 2 is 0.88
    assert (found.calibrated, found.nothing_matches) == (True, nothing)


def test_while_little_is_judged_nothing_is_said() -> None:
    question = answering(*range(40), size=40, threshold=0.9)
    odds = [0.0] * 31 + [NAN] * 9
    assert not question.answer(evidence(*odds, judged=31)).nothing_matches
    odds[31] = 0.0
    assert question.answer(evidence(*odds, judged=32)).nothing_matches


def test_before_anything_is_judged_nothing_is_calibrated() -> None:
    found = answering(1, 2, size=2, threshold=0.9).answer(evidence(NAN, NAN, judged=0))
    assert (ids(found), found.calibrated, found.nothing_matches) == ([1, 2], False, False)
