"""Runs that the web page starts: each a `bridgelens` command in a process of its own, one at a time.

Such a run does not end with the tab, the visit or the server that started it. What is known of it lies in
`background/` in the library folder, so every visitor, and a server that was started anew, sees the same run.
That only one program writes to the library is the writer lock's business, not this module's.

    run.json       the command, its process, when it began, whether it was asked to stop
    progress.json  how far it is, written by the command (`--progress`)
    ended.json     how it ended, written by `ui.background_child`; a run that was killed leaves none
    output.json, errors.txt   what the command printed
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import psutil

import ui
from storage.opening import BACKGROUND
from ui.progress_file import read_json, read_progress, write_json
from ui.settings import PASSWORD, Settings

if TYPE_CHECKING:
    from indexer.report import Progress

State: TypeAlias = Literal[
    "running", "stopping", "done", "incomplete", "paused", "stopped", "refused", "died"
]  # fmt: skip
TELLS_PROGRESS = ("index", "reindex", "failures")
"""The commands with a `--progress` option."""
CLOCKS_APART_S = 2.0
"""How far two readings of the time at which a process began may differ; no pid is given again so soon."""
_LONGEST_MESSAGE = 4000  # characters from the end of what a command said on stderr
_starting = threading.Lock()


@dataclass(frozen=True, slots=True)
class BackgroundRun:
    """The run that goes on, or the one that ended last.

    Attributes:
        command: What was typed, as it were, after `bridgelens`: the command's name and its arguments.
        begun_at: Aware, UTC.
        state: `incomplete` is a reindex that could not embed every photo; `paused` ended because a visitor
            asked it to, `stopped` because something else did, as the system when it shuts down; `refused`
            never began, as when another program writes to the library; `died` was killed, or met a mistake
            of ours.
        progress: None before the first step, and for commands without one.
        result: What the command printed as JSON at its end; empty before.
        message: What it said on stderr: why it was refused, or a note.
    """

    command: tuple[str, ...]
    begun_at: datetime
    state: State
    progress: Progress | None
    result: Mapping[str, Any]
    message: str

    @property
    def going_on(self) -> bool:
        """Whether its process is still there."""
        return self.state in ("running", "stopping")


def start(settings: Settings, *command: str) -> BackgroundRun:
    """Start a command on the library of these settings, unless one goes on already; the one that goes on.

    Args:
        settings: Whose library, model and device the command gets.
        command: As in `BackgroundRun`; `--json` and `--progress` are added.

    Raises:
        OSError: the library folder cannot be written to.
    """
    folder = settings.library / BACKGROUND
    with _starting:  # two visitors may press the button at once
        before = current(settings.library)
        if before is not None and before.going_on:
            return before
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("run.json", "progress.json", "ended.json"):
            (folder / name).unlink(missing_ok=True)
        process = _spawn(settings, folder, command)
        run = {
            "command": list(command),
            "pid": process.pid,
            "created": _created(process.pid),
            "begun_at": datetime.now(UTC).isoformat(),
            "stopping": False,
        }
        try:
            write_json(folder / "run.json", run)
        except OSError:
            process.terminate()  # a run that nobody could see or stop
            raise
        # A child that nobody waits for stays in the list of processes after its end.
        threading.Thread(target=process.wait, daemon=True).start()
    started = current(settings.library)
    assert started is not None, "run.json was just written"
    return started


def stop(library: Path) -> None:
    """Ask the run to stop after the batch in hand; the same command, started again, goes on from there.

    On Windows a program cannot be asked: its batch in hand is dropped.
    """
    folder = library / BACKGROUND
    with _starting:
        run = read_json(folder / "run.json")
        process = _process(run)
        if process is None or run.get("stopping"):
            return
        write_json(folder / "run.json", {**run, "stopping": True})
        process.terminate()


def current(library: Path) -> BackgroundRun | None:
    """The run that goes on, or the one that ended last; None before the first."""
    folder = library / BACKGROUND
    run = read_json(folder / "run.json")
    try:
        command, begun_at = tuple(map(str, run["command"])), datetime.fromisoformat(run["begun_at"])
    except (KeyError, TypeError, ValueError):
        return None
    there = _process(run) is not None
    ended = read_json(folder / "ended.json")  # after the look at the process, which may end between the two
    result: Mapping[str, Any] = {}
    state: State
    if there and not ended:
        state = "stopping" if run.get("stopping") else "running"
    else:
        result = read_json(folder / "output.json")
        state = _ended(ended.get("code"), result, asked_to_stop=bool(run.get("stopping")))
    progress = read_progress(folder / "progress.json")
    return BackgroundRun(command, begun_at, state, progress, result, _message(folder / "errors.txt"))


def _ended(code: object, result: Mapping[str, Any], *, asked_to_stop: bool) -> State:
    """The state after an exit code, None where the process left none."""
    if asked_to_stop and code in (None, 130):  # None: it did not listen yet, or none can (Windows)
        return "paused"
    if code == 1 and result:
        return "incomplete"
    states: dict[object, State] = {0: "done", 2: "refused", 130: "stopped"}
    return states.get(code, "died")


def _spawn(settings: Settings, folder: Path, command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    name, *arguments = command
    told = [f"--progress={folder / 'progress.json'}"] if name in TELLS_PROGRESS else []
    child = [sys.executable, "-P", "-m", "ui.background_child", str(folder / "ended.json")]
    # -P: nothing is imported from the folder the server was started in, only from where this package lies.
    paths = [str(Path(ui.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        **settings.as_environment(),
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "PYTHONIOENCODING": "utf-8",
        "NO_COLOR": "1",
    }
    for variable in ("FORCE_COLOR", PASSWORD):
        environment.pop(variable, None)
    with (folder / "output.json").open("wb") as output, (folder / "errors.txt").open("wb") as errors:
        return subprocess.Popen(
            [*child, name, "--json", *told, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,  # Ctrl-C in the server's terminal is for the server
        )


def _process(run: Mapping[str, Any]) -> psutil.Process | None:
    """The run's process, if it is still there; its pid may be another program's by now."""
    try:
        process = psutil.Process(int(run["pid"]))
        same = abs(process.create_time() - float(run["created"])) < CLOCKS_APART_S
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except (psutil.Error, KeyError, TypeError, ValueError):
        return None


def _created(pid: int) -> float:
    """When a process began, seconds since 1970; 0 when it has ended already."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return 0.0


def _message(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _LONGEST_MESSAGE))
            return file.read().decode("utf-8", "replace").strip()
    except OSError:
        return ""
