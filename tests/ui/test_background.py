"""Runs in processes of their own: real children of real commands, stopped, killed, refused.

A library that is held here and `--wait` keep a run going for as long as a test needs it.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from storage.library import Library
from storage.opening import BACKGROUND
from ui import background
from ui.background import BackgroundRun
from ui.progress_file import read_json, write_json
from ui.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """A library with nothing in it; whatever still runs on it after the test is ended."""
    library = tmp_path / "library"
    Library.open(library, create=True, write=True).close()
    yield Settings(library, model="mini", device="cpu")
    end(library)


def pid(library: Path) -> int:
    return int(read_json(library / BACKGROUND / "run.json").get("pid", 0))


def end(library: Path) -> None:
    run = background.current(library)
    if run is not None and run.going_on:
        os.kill(pid(library), signal.SIGKILL)
        ended(library)


def ended(library: Path) -> BackgroundRun:
    """The run once its process has gone."""
    with suppress(psutil.NoSuchProcess):
        psutil.Process(pid(library)).wait(timeout=60)
    run = background.current(library)
    assert run is not None and not run.going_on
    return run


@pytest.fixture
def waiting(settings: Settings) -> Iterator[Callable[[], None]]:
    """A run that waits for the library, which is held here; calling it lets the library go."""
    held = Library.open(settings.library, write=True)
    background.start(settings, "rollback", "--wait")
    yield held.close
    held.close()


def test_no_run_yet(settings: Settings) -> None:
    assert background.current(settings.library) is None
    background.stop(settings.library)  # and nothing to stop


def test_a_command_that_ends_well_leaves_its_result(settings: Settings) -> None:
    started = background.start(settings, "prune", "--yes")
    assert started.command == ("prune", "--yes")
    run = ended(settings.library)
    assert (run.state, run.result) == ("done", {"files": 0, "photos": 0, "dry_run": False})
    assert run.begun_at == started.begun_at


def test_a_refusal_says_why(settings: Settings) -> None:
    background.start(settings, "rollback")
    run = ended(settings.library)
    assert run.state == "refused"
    assert "has no model before the present one" in run.message


def test_a_library_that_another_program_writes_to_is_refused_and_it_is_named(settings: Settings) -> None:
    with Library.open(settings.library, write=True):
        background.start(settings, "rollback")
        run = ended(settings.library)
    assert run.state == "refused"
    assert f"is being written by process {os.getpid()}" in run.message


def test_a_second_start_is_the_same_run(settings: Settings, waiting: Callable[[], None]) -> None:
    first = background.current(settings.library)
    second = background.start(settings, "prune", "--yes")
    assert first is not None and first.state == "running"
    assert second == first
    waiting()
    assert ended(settings.library).state == "refused", "the rollback went on, and had nothing to go back to"


def test_two_visitors_at_once_start_one_run(settings: Settings) -> None:
    found: list[BackgroundRun] = []
    with Library.open(settings.library, write=True):
        both = [
            threading.Thread(target=lambda: found.append(background.start(settings, "rollback", "--wait")))
            for _ in range(2)
        ]
        for each in both:
            each.start()
        for each in both:
            each.join()
        assert found[0].begun_at == found[1].begun_at
        end(settings.library)


def test_stop_ends_it_in_its_own_time(settings: Settings, waiting: Callable[[], None]) -> None:
    background.stop(settings.library)
    background.stop(settings.library)  # asking again drops nothing
    run = ended(settings.library)
    assert run.state == "paused"
    assert run.command == ("rollback", "--wait"), "so that it can be started again"


def test_a_run_that_something_else_stops_is_not_paused(settings: Settings) -> None:
    background.start(settings, "prune", "--yes")
    ended(settings.library)
    folder = settings.library / BACKGROUND
    write_json(folder / "ended.json", {"code": 130})
    run = background.current(settings.library)
    assert run is not None and run.state == "stopped"
    write_json(folder / "run.json", {**read_json(folder / "run.json"), "stopping": True})
    run = background.current(settings.library)
    assert run is not None and run.state == "paused"


def test_a_killed_run_has_died(settings: Settings, waiting: Callable[[], None]) -> None:
    os.kill(pid(settings.library), signal.SIGKILL)
    assert ended(settings.library).state == "died"
    waiting()
    background.start(settings, "prune", "--yes")
    assert ended(settings.library).state == "done", "nothing is left of it that would be in the way"


def test_a_pid_that_is_another_process_by_now_is_no_run_and_is_not_stopped(settings: Settings) -> None:
    background.start(settings, "prune", "--yes")
    ended(settings.library)
    folder = settings.library / BACKGROUND
    (folder / "ended.json").unlink()
    write_json(folder / "run.json", {**read_json(folder / "run.json"), "pid": os.getpid(), "created": 1.0})
    run = background.current(settings.library)
    assert run is not None and run.state == "died"
    background.stop(settings.library)  # would end pytest


def test_a_run_makes_the_library_it_is_for(tmp_path: Path) -> None:
    """What is kept of a run does not count as somebody else's file in the folder of a new library."""
    settings = Settings(tmp_path / "new", model="mini", device="cpu")
    background.start(settings, "restore", str(tmp_path / "none.sqlite"))
    ended(settings.library)
    Library.open(settings.library, create=True, write=True).close()


def test_a_folder_that_cannot_be_written_to_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        background.start(Settings(tmp_path / "file", model="mini", device="cpu"), "rollback")


def test_what_is_no_run_reads_as_none(settings: Settings) -> None:
    folder = settings.library / BACKGROUND
    folder.mkdir()
    for text in ("", "{", "{}", '{"command": 3, "begun_at": "x"}'):
        (folder / "run.json").write_text(text)
        assert background.current(settings.library) is None
