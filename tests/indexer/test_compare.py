from __future__ import annotations

import os

import pytest

from indexer.compare import compare
from storage.listing import ListedFile
from storage.records import PathState


def found(path: str) -> PathState:
    return os.fsencode(path), 2, 20, 0


def known(path: str) -> ListedFile:
    return (os.fsencode(path), 3, 30, 0), 1, False, True


def paths(left: list[str], right: list[str]) -> list[tuple[str | None, str | None]]:
    pairs = compare(map(found, left), map(known, right))
    return [
        (os.fsdecode(file[0]) if file else None, os.fsdecode(row[0][0]) if row else None)
        for file, row in pairs
    ]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ([], [], []),
        (["/a"], [], [("/a", None)]),
        ([], ["/a", "/b"], [(None, "/a"), (None, "/b")]),
        (["/a"], ["/a"], [("/a", "/a")]),
        (["/b"], ["/a", "/c"], [(None, "/a"), ("/b", None), (None, "/c")]),
        (["/a", "/c"], ["/b"], [("/a", None), (None, "/b"), ("/c", None)]),
        (["/a-b", "/a/c"], ["/a/c"], [("/a-b", None), ("/a/c", "/a/c")]),
    ],
)
def test_every_path_once_and_in_order(
    left: list[str], right: list[str], expected: list[tuple[str | None, str | None]]
) -> None:
    assert paths(left, right) == expected


def test_a_name_that_is_not_utf8_goes_by_its_bytes() -> None:
    odd, emoji = os.fsdecode(b"/\xe9"), "/\U0001f600"  # as text the emoji comes last, by its bytes e9 does
    assert paths([odd], [emoji]) == [(odd, None), (None, emoji)]
    assert paths([emoji], [emoji, odd]) == [(emoji, emoji), (None, odd)]
