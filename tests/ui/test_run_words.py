"""What is said of background runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from indexer.report import Progress
from ui.background import BackgroundRun, State
from ui.run_words import again, doing, how_far, outcome


def run(
    state: State,
    *command: str,
    progress: Progress | None = None,
    result: dict[str, Any] | None = None,
    message: str = "",
) -> BackgroundRun:
    return BackgroundRun(command, datetime(2024, 5, 1, tzinfo=UTC), state, progress, result or {}, message)


@pytest.mark.parametrize(
    ("command", "heading"),
    [
        (("index",), "Looking through all folders"),
        (("index", "--", "/a b"), "Looking through /a b"),
        (("reindex", "--model=large", "--yes"), "Embedding every photo with large"),
        (("failures", "--retry", "--", "/a"), "Trying again what could not be read"),
        (("rollback",), "Going back to the model before"),
    ],
)
def test_what_a_command_does(command: tuple[str, ...], heading: str) -> None:
    assert doing(command) == heading


def test_how_far_it_is() -> None:
    assert how_far(run("running", "index")) == (0.0, "Starting")
    scanning = Progress(total=None, done=0, failed=0, photos_per_second=0, seconds_left=None)
    assert how_far(run("running", "index", progress=scanning)) == (0.0, "Looking for photos")
    reading = Progress(total=4000, done=1000, failed=2, photos_per_second=12.5, seconds_left=240)
    assert how_far(run("running", "index", progress=reading)) == (
        0.25,
        "1,000 of 4,000 files, 12.5 photos/s, 4 min 00 s left, 2 failed",
    )
    nothing = Progress(total=0, done=0, failed=0, photos_per_second=0, seconds_left=None)
    assert how_far(run("running", "index", progress=nothing))[0] == 1.0


def test_how_an_index_run_ended() -> None:
    counts = {"added": 1200, "changed": 0, "moved": 0, "copies": 0, "unchanged": 7, "missing": 1, "failed": 0}
    result = {**counts, "seconds": 61.0, "offline": ["/media/disk"]}
    assert outcome(run("done", "index", result=result)) == (
        "Done",
        "1,200 new photos, 7 as they were, 1 no longer there in 1 min 01 s. "
        "/media/disk is not there or empty: is its disk plugged in?",
    )


def test_how_other_runs_ended() -> None:
    assert outcome(run("done", "failures"))[1] == "Nothing to try again."
    forgotten = outcome(run("done", "prune", result={"files": 2, "photos": 1}))
    assert forgotten[1] == "2 missing files and 1 photo without any other file forgotten."
    active = {"embedded": 3, "active_model": {"name": "large"}}
    assert outcome(run("done", "reindex", result=active))[1] == (
        "3 photos embedded. The library is searched with large now."
    )
    lacking = outcome(run("incomplete", "reindex", result={"lacking": {"/a": 2, "/b": 3}}))
    assert lacking[0] == "The model was not changed"
    assert lacking[1].startswith("5 photos could not be embedded")


def test_a_refusal_and_a_death_say_why() -> None:
    assert outcome(run("refused", "index", message="error: no such folder")) == (
        "That did not work",
        "no such folder",
    )
    assert outcome(run("died", "index", message="Traceback\nMemoryError"))[1].endswith("MemoryError")
    assert outcome(run("stopped", "index"))[0] == "Stopped"


def test_a_run_that_was_paused_goes_on_and_one_that_ended_otherwise_is_run_again() -> None:
    assert outcome(run("paused", "index"))[0] == "Paused"
    assert again(run("paused", "index")) == "Go on"
    others: tuple[State, ...] = ("stopped", "died", "refused", "done", "incomplete")
    assert [again(run(state, "index")) for state in others] == [*["Run it again"] * 3, None, None]


@pytest.mark.parametrize("command", ["index", "prune", "reindex", "rollback"])
@pytest.mark.parametrize("result", [{}, {"offline": None, "files": "two", "photos": 1, "active_model": "x"}])
def test_a_result_that_cannot_be_read_is_said_to_be(command: str, result: dict[str, Any]) -> None:
    assert outcome(run("done", command, result=result)) == (
        "Done",
        "What came of it cannot be read any more; the library has it all the same.",
    )
