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


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", INDEX, str(Path(__file__).parent), *map(str, arguments)],
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
