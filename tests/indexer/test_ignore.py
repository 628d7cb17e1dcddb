"""What `.bridgelensignore` files leave out; the cases are those of gitignore's manual."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.ignore import NAME, rules_above, rules_in
from indexer.scan import scan


def kept(folder: Path, told: list[str] | None = None) -> list[str]:
    """The candidates below the folder that are not left out."""

    def tell(path: str, error: OSError) -> None:
        assert told is not None, path
        told.append(path)

    return [os.path.relpath(os.fsdecode(path), folder) for path, *_ in scan([folder], None, tell)]


@pytest.fixture
def tree(photos: Path) -> Path:
    for path in ("a.jpg", "b.png", "in/a.jpg", "in/b.png", "in/deep/a.jpg", "out/c.jpg"):
        (photos / path).parent.mkdir(parents=True, exist_ok=True)
        (photos / path).touch()
    return photos


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("", ["a.jpg", "b.png", "in/a.jpg", "in/b.png", "in/deep/a.jpg", "out/c.jpg"]),
        ("# a.jpg\n\n!\n\\\n", ["a.jpg", "b.png", "in/a.jpg", "in/b.png", "in/deep/a.jpg", "out/c.jpg"]),
        ("*.jpg\n", ["b.png", "in/b.png"]),
        ("/a.jpg", ["b.png", "in/a.jpg", "in/b.png", "in/deep/a.jpg", "out/c.jpg"]),
        ("in/", ["a.jpg", "b.png", "out/c.jpg"]),
        ("in/*.jpg", ["a.jpg", "b.png", "in/b.png", "in/deep/a.jpg", "out/c.jpg"]),
        ("**/deep", ["a.jpg", "b.png", "in/a.jpg", "in/b.png", "out/c.jpg"]),
        ("*.jpg\n!a.jpg", ["a.jpg", "b.png", "in/a.jpg", "in/b.png", "in/deep/a.jpg"]),
        ("in/\n!in/a.jpg", ["a.jpg", "b.png", "out/c.jpg"]),  # not out of a folder that is left out
        ("*", []),
    ],
)
def test_patterns_of_one_file(tree: Path, rules: str, expected: list[str]) -> None:
    (tree / NAME).write_text(rules)
    assert kept(tree) == expected


def test_the_deeper_file_decides_and_holds_only_below_it(tree: Path) -> None:
    (tree / NAME).write_text("*.jpg")
    (tree / "in" / NAME).write_text("!a.jpg\nb.png")
    assert kept(tree) == ["b.png", "in/a.jpg", "in/deep/a.jpg"]


def test_the_rules_of_folders_above_hold_in_a_folder_walked_alone(tree: Path) -> None:
    (tree / NAME).write_text("in/a.jpg\nout/")
    assert kept(tree / "in") == ["b.png", "deep/a.jpg"]
    assert kept(tree / "out") == []
    assert rules_above(os.fsencode(tree / "out"))[1]
    assert not rules_above(os.fsencode(tree / "in"))[1]


def test_a_name_that_is_not_utf8_and_a_byte_order_mark(tree: Path) -> None:
    odd = os.fsdecode(b"caf\xe9.jpg")
    (tree / odd).touch()
    (tree / NAME).write_bytes(b"\xef\xbb\xbfcaf\xe9*\r\nin\r\nout\r\n*.png\r\n")
    assert kept(tree) == ["a.jpg"]


def test_rules_that_cannot_be_read_leave_their_folder_out_and_are_told(tree: Path) -> None:
    (tree / "in" / NAME).mkdir()
    told: list[str] = []
    assert kept(tree, told) == ["a.jpg", "b.png", "out/c.jpg"]
    assert told == [str(tree / "in")]


def test_the_path_of_a_folder_ends_in_a_separator(tree: Path) -> None:
    (tree / NAME).write_text("in/")
    rules = rules_in(os.fsencode(tree), None)
    assert rules.exclude(os.fsencode(tree / "in") + b"/")
    assert not rules.exclude(os.fsencode(tree / "in"))


def test_scan_says_that_something_was_left_out(tree: Path) -> None:
    called: list[int] = []
    told: Callable[[str, OSError], None] = lambda path, error: None  # noqa: E731
    list(scan([tree], None, told, lambda: called.append(1)))
    assert called == []
    (tree / NAME).write_text("*.png")
    list(scan([tree], None, told, lambda: called.append(1)))
    assert len(called) == 2  # in two folders
