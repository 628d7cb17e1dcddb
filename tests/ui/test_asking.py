"""What is typed to the parts of a query, and back to words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from search.query import Query, Weighted
from ui.asking import in_words, photo_path, seconds, weighted
from ui.errors import UiError


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("snow", Weighted("snow", 1.0)),
        ("0.5*snow", Weighted("snow", 0.5)),
        (" 2 * a red car", Weighted("a red car", 2.0)),
        (".25*snow", Weighted("snow", 0.25)),
        ("a sign: 0.5", Weighted("a sign: 0.5", 1.0)),
        ("3 dogs", Weighted("3 dogs", 1.0)),
        ("five * snow", Weighted("five * snow", 1.0)),
        ("0*snow", Weighted("snow", 0.0)),  # refused by search.query.check
        ("2*", Weighted("", 2.0)),  # this one too
    ],
)
def test_a_weight_stands_before_a_star(typed: str, expected: Weighted) -> None:
    assert weighted([typed]) == (expected,)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("300ms", 0.3), ("2s", 2.0), ("0.5 s", 0.5), (".25s", 0.25), ("1500 MS", 1.5), (None, None)],
)
def test_durations(typed: str | None, expected: float | None) -> None:
    assert seconds(typed) == expected


@pytest.mark.parametrize("typed", ["", "2", "2m", "fast", "-1s", "0s", "0ms", "1e3s", "2s 3s", "nans"])
def test_what_is_no_duration_is_refused(typed: str) -> None:
    with pytest.raises(UiError, match="expected a time above 0 with its unit, as 300ms or 2s"):
        seconds(typed)


def test_a_photo_is_known_by_its_real_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.chdir(tmp_path)
    assert photo_path(Path("link/a.jpg")) == os.path.join(os.path.realpath(tmp_path), "real", "a.jpg")
    assert photo_path(None) is None


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (Query(" a dog "), "“a dog”"),
        (Query("a dog", also=(Weighted("snow"),)), "“a dog” and “snow”"),
        (Query("a dog", unwanted=("snow", "ice")), "“a dog” without “snow” or “ice”"),
        (Query("a dog", like="/photos/cat.jpg"), "“a dog” and a photo like cat.jpg"),
        (Query(like="/photos/cat.jpg", unwanted=("snow",)), "a photo like cat.jpg without “snow”"),
    ],
)
def test_in_words(query: Query, words: str) -> None:
    assert in_words(query) == words
