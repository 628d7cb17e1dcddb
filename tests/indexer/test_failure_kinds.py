from datetime import UTC, datetime

import pytest

from indexer.failure_kinds import counts_by_kind, is_of_kind, kind_of
from storage.records import Failure

NOW = datetime(2024, 5, 1, tzinfo=UTC)


def failure(reason: str) -> Failure:
    return Failure("/p", reason, NOW, 0, 0)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("truncated: the picture goes on after the 12 bytes of the file", "truncated"),
        ("permission denied", "permission denied"),
        ("cannot be listed: Permission denied", "cannot be listed"),
        ("not an image: expected JPEG, found b'a:b'", "not an image"),
    ],
)
def test_the_kind_is_what_stands_before_the_details(reason: str, kind: str) -> None:
    assert kind_of(reason) == kind


def test_counts_begin_with_the_most() -> None:
    reasons = ("b: 1", "c", "a: 1", "c", "b: 2", "c")
    assert list(counts_by_kind(map(failure, reasons)).items()) == [("c", 3), ("b", 2), ("a", 1)]
    assert counts_by_kind([]) == {}


def test_the_beginning_of_a_kind_is_enough() -> None:
    assert is_of_kind(failure("permission denied"), "Permission")
    assert not is_of_kind(failure("cannot be listed: permission denied"), "permission")
