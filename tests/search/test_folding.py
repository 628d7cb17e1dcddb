"""Versions of one photo: hashes and embeddings that are near, groups along the ranked order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from search.folding import Versions, fold
from storage.records import ModelRef


class Told:
    """Stands in for `Versions`: which photos are versions of which is told."""

    def __init__(self, of: Mapping[int, set[int]]) -> None:
        self._of = of

    def of(self, photo_id: int) -> set[int]:
        return self._of.get(photo_id, set())


def versions(shelf: Any, *ids: int) -> Versions:
    model = ModelRef("f" * 16, "by-hand", 256)
    return Versions(shelf.library, model, list(shelf.library.photos(ids).values()))


@pytest.mark.parametrize(("bits", "near"), [(0, True), (0xFF, True), (0x1FF, False)])
def test_versions_have_hashes_that_differ_in_eight_bits_at_most(shelf: Any, bits: int, near: bool) -> None:
    one, other = shelf.put("1.png", 12, phash=-1), shelf.put("2.png", 12, phash=-1 ^ bits)
    found = versions(shelf, one, other)
    assert (found.of(one), found.of(other)) == (({other}, {one}) if near else (set(), set()))


def test_versions_have_embeddings_that_are_near_too(shelf: Any) -> None:
    # Stored at 16 sixteenths an embedding is the first unit vector, so cosines with it are the levels.
    one = shelf.put("1.png", 16, phash=5)
    near, far = shelf.put("2.png", 12, phash=5), shelf.put("3.png", 11, phash=5)  # 0.75 and 0.6875
    assert versions(shelf, one, near, far).of(one) == {near}


def test_without_a_hash_a_photo_has_no_versions(shelf: Any) -> None:
    one, other = shelf.put("1.png", 16), shelf.put("2.png", 16)
    assert versions(shelf, one, other).of(one) == set()


def test_a_version_joins_the_first_photo_before_it_that_it_is_one_of() -> None:
    told = Told({1: {3}, 2: {3, 5}, 3: {1, 2}, 5: {2}})
    assert fold([1, 2, 3, 4, 5], told) == [[1, 3], [2, 5], [4]]  # type: ignore[arg-type]


def test_a_version_of_a_version_is_not_one_of_the_photo_shown() -> None:
    told = Told({1: {2}, 2: {1, 3}, 3: {2}})
    assert fold([1, 2, 3], told) == [[1, 2], [3]]  # type: ignore[arg-type]
    assert fold([2, 1, 3], told) == [[2, 1, 3]]  # type: ignore[arg-type]


def test_what_comes_later_changes_nothing_before_it() -> None:
    told = Told({1: {3}, 2: {4}, 3: {1}, 4: {2}})
    whole = fold([1, 2, 3, 4, 5], told)  # type: ignore[arg-type]
    for length in range(5):
        part = fold([1, 2, 3, 4, 5][:length], told)  # type: ignore[arg-type]
        assert [group[0] for group in part] == [group[0] for group in whole][: len(part)]
