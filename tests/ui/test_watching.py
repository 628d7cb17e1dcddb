"""What a person sees of a watch, and how it ends."""

from __future__ import annotations

import io
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from indexer.report import Report
from storage.errors import LibraryLocked
from storage.library import Library
from ui.indexing import ProgressBar
from ui.watching import Shown, changes

Run = Callable[..., Any]


def report(**counts: int) -> Report:
    names = ("added", "changed", "unchanged", "moved", "copies", "failed", "missing", "embedded")
    return Report(
        **{name: counts.get(name, 0) for name in names},
        seconds=1.0, interrupted=False, failures=(), offline=(), unkept=(),
    )  # fmt: skip


def test_only_what_has_changed_is_said() -> None:
    assert changes(report(added=1200, missing=1, unchanged=7, embedded=3)) == "1,200 added, 1 missing"
    assert changes(report(unchanged=7)) == ""


def test_the_first_run_is_always_shown_and_later_ones_when_they_found_something(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = Shown(ProgressBar(Console(file=io.StringIO())), lambda: None, as_json=False)
    for each in (report(unchanged=3), report(unchanged=3), report(moved=2)):
        shown.report(each)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ", 1)[1] for line in lines] == ["nothing has changed", "2 moved"]


def test_what_follows_the_first_run_is_done_once() -> None:
    done: list[int] = []
    shown = Shown(ProgressBar(Console(file=io.StringIO())), lambda: done.append(1), as_json=True)
    for each in (report(), report(added=1)):
        shown.report(each)
    assert done == [1]


def test_lines_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    shown = Shown(ProgressBar(Console(file=io.StringIO())), lambda: None, as_json=True)
    for each in (report(unchanged=3), report(), report(copies=1)):
        shown.report(each)
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["unchanged"], each["copies"]) for each in told] == [(3, 0), (0, 1)]


def test_a_library_in_use_is_told_once_until_a_run_goes_through(capsys: pytest.CaptureFixture[str]) -> None:
    shown = Shown(ProgressBar(Console(file=io.StringIO())), lambda: None, as_json=False)
    error = LibraryLocked("the library is being written by process 7")
    for _ in range(3):
        shown.waiting(error)
    assert capsys.readouterr().err.count("being written by process 7") == 1
    shown.report(report())
    shown.waiting(error)
    assert "being written by process 7" in capsys.readouterr().err


def test_ctrl_c_ends_a_watch_cleanly(
    bridgelens: Run, encoder: Any, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed = encoder.embed_images

    def embed_and_interrupt(pixels: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return embed(pixels)

    monkeypatch.setattr(encoder, "embed_images", embed_and_interrupt)
    ran = bridgelens("watch", photos)
    assert ran.code == 0
    assert "3 added" in ran.out
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    Library.open(tmp_path / "library", write=True).close()  # nobody holds it


def test_a_mistyped_folder_is_refused_before_a_library_is_made(
    bridgelens: Run, encoder: object, tmp_path: Path
) -> None:
    ran = bridgelens("watch", tmp_path / "gone")
    assert ran.code == 2
    assert "gone: expected a folder of photos" in ran.err
    assert not (tmp_path / "library").exists()
