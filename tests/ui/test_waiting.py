"""Two real programs want to write to one library: one waits for the other, or says who holds it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from storage.errors import LibraryLocked
from ui.waiting import when_free

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., Any]

HOLD = """
import sys
from pathlib import Path
from storage.library import Library
with Library.open(Path(sys.argv[1]), write=True):
    print("held", flush=True)
    sys.stdin.readline()
"""
# The real command, with the encoder of these tests; it says when it has begun to wait.
INDEX = """
import sys
sys.path[:0] = [sys.argv[1]]
from conftest import Colours
from ui import compose
from ui.cli import main
compose.load_model = lambda settings: Colours(notice=None)
sys.argv = ["bridgelens", *sys.argv[2:]]
main()
"""


# As INDEX, but it stops after its first photo until it is told to go on.
SLOW = INDEX.replace(
    "compose.load_model = lambda settings: Colours(notice=None)",
    """
class Slow(Colours):
    batches = 0
    def embed_images(self, pixels):
        self.batches += 1
        if self.batches == 2:
            print("one photo is stored", flush=True)
            sys.stdin.readline()
        return super().embed_images(pixels)
compose.load_model = lambda settings: Slow(notice=None)
""",
)


@pytest.fixture
def holder(indexed: Run, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the library until it is told to end."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "library")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def start(*arguments: str | Path, script: str = INDEX) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, str(Path(__file__).parent), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "999"},
    )


def test_without_wait_the_second_says_who_holds_the_library(
    indexed: Run, photos: Path, holder: subprocess.Popen[str]
) -> None:
    ran = indexed("index", photos)
    assert ran.code == 2
    assert f"is being written by process {holder.pid} (-c " in ran.err
    assert ran.err.rstrip().endswith("wait until it ends, then run the command again, or with --wait")
    assert indexed("search", "red", "--paths", "-k", "1").out == f"{photos / 'red.png'}\n"


def test_with_wait_the_second_goes_on_when_the_first_ends(
    indexed: Run, photos: Path, holder: subprocess.Popen[str]
) -> None:
    with start("index", photos, "--wait", "--json") as second:
        assert second.stderr is not None and second.stdout is not None and holder.stdin is not None
        said = second.stderr.readline()
        assert said.startswith("Waiting: the library ")
        assert f"process {holder.pid}" in said
        holder.stdin.write("end\n")
        holder.stdin.flush()
        assert json.loads(second.stdout.read())["unchanged"] == 3
    assert (holder.wait(), second.returncode) == (0, 0)


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
def test_ctrl_c_ends_the_wait(indexed: Run, photos: Path, holder: subprocess.Popen[str]) -> None:
    with start("index", photos, "--wait") as second:
        assert second.stderr is not None
        assert second.stderr.readline().startswith("Waiting: ")
        second.send_signal(signal.SIGINT)
        assert "Traceback" not in second.stderr.read()
    assert second.returncode == 130
    assert holder.poll() is None


def test_a_search_goes_on_while_another_process_indexes_and_sees_its_finished_batches(
    bridgelens: Run, encoder: object, photos: Path
) -> None:
    with start("index", photos, "--batch-size", "1", "--json", script=SLOW) as indexer:
        assert indexer.stdout is not None and indexer.stdin is not None
        assert indexer.stdout.readline() == "one photo is stored\n"
        found = bridgelens("search", "blue", "--paths")
        assert found.out == f"{photos / 'blue.png'}\n"
        refused = bridgelens("index", photos)
        assert refused.code == 2
        assert f"is being written by process {indexer.pid} (bridgelens index {photos} --batch-size 1" in (
            refused.err
        )
        indexer.stdin.write("go on\n")
        indexer.stdin.flush()
        assert json.loads(indexer.stdout.read())["added"] == 3
    assert len(bridgelens("search", "blue", "--paths").out.splitlines()) == 3


def test_a_wait_is_said_once_for_each_holder() -> None:
    answers = iter(["busy with 1; wait", "busy with 1; wait", "busy with 2; wait", ""])

    def open_it() -> str:
        if reason := next(answers):
            raise LibraryLocked(reason)
        return "opened"

    console = Console(width=200)
    with console.capture() as captured:
        assert when_free(open_it, console, wait=True) == "opened"
    assert captured.get().splitlines() == [
        "Waiting: busy with 1. Ctrl-C ends the wait.",
        "Waiting: busy with 2. Ctrl-C ends the wait.",
    ]
