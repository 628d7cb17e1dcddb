"""Forgetting what is gone: what is asked, what is said, and what stays."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from storage.pruning import Pruned
from ui.errors import UiError
from ui.pruning import age, words

Run = Callable[..., Any]


@pytest.fixture
def gone(indexed: Run, photos: Path) -> Run:
    """The command, with red.png indexed and gone."""
    (photos / "red.png").unlink()
    assert "1 missing" in indexed("index").out
    return indexed


def photos_left(run: Run) -> tuple[int, int]:
    """Files that are missing, and embeddings that the library has."""
    status = json.loads(run("status", "--json").out)
    return status["missing_files"], status["models"][0]["embedded"]


def test_nothing_is_missing(indexed: Run) -> None:
    assert indexed("prune").out == "Nothing to forget: no file is missing.\n"


def test_a_dry_run_only_says_what_would_go(gone: Run) -> None:
    ran = gone("prune", "--dry-run")
    assert ran.out == "1 missing file and 1 photo without any other file to be forgotten.\n"
    assert photos_left(gone) == (1, 3)


def test_without_a_yes_nothing_goes(gone: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    ran = gone("prune")
    assert ran.code == 1
    assert "1 missing file and 1 photo without any other file to be forgotten for good. Go on?" in ran.err
    assert photos_left(gone) == (1, 3)


def test_with_a_yes_the_photo_and_its_embedding_go(gone: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert gone("prune").code == 0
    assert photos_left(gone) == (0, 2)
    assert "red.png" not in gone("search", "red", "--paths").out


def test_yes_and_json_for_programs(gone: Run, photos: Path) -> None:
    assert json.loads(gone("prune", photos, "--yes", "--json").out) == {
        "files": 1,
        "photos": 1,
        "dry_run": False,
    }
    assert photos_left(gone) == (0, 2)


def test_only_what_has_been_gone_for_long_and_only_in_the_folder(gone: Run, tmp_path: Path) -> None:
    for arguments in (["--older-than", "30d"], [str(tmp_path / "elsewhere")]):
        assert gone("prune", "--yes", *arguments).out == "Nothing to forget: no file is missing.\n"
    assert photos_left(gone) == (1, 3)


def test_an_unplugged_disk_keeps_what_was_missing_on_it(gone: Run, photos: Path) -> None:
    shutil.rmtree(photos)
    ran = gone("prune", "--yes")
    assert ran.out == "Nothing to forget: no file is missing.\n"
    assert f"{photos} is not there or empty" in ran.err
    photos.mkdir()
    assert "Nothing of it is forgotten" in gone("prune", "--yes").err
    assert photos_left(gone) == (1, 3)


@pytest.mark.parametrize(("text", "days"), [("30d", 30), ("6w", 42), ("1Y", 365), ("0d", 0)])
def test_ages(text: str, days: int) -> None:
    assert age(text) == timedelta(days=days)


@pytest.mark.parametrize("text", ["", "30", "d", "-1d", "1.5d", "2 weeks", "999999d"])
def test_what_is_no_age_is_refused(text: str) -> None:
    with pytest.raises(UiError, match="such as 30d"):
        age(text)


def test_words() -> None:
    assert words(Pruned(1200, 1)) == "1,200 missing files and 1 photo without any other file"
