import os
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from storage.errors import LibraryLocked, LibraryUnwritable
from storage.lock import WriterLock

HOLD = """
import sys
from pathlib import Path
from storage.lock import WriterLock
lock = WriterLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.readline()
"""


def test_the_lock_names_its_holder(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path / "writer.lock")
    pid, machine, since, command = (tmp_path / "writer.lock").read_text().splitlines()
    assert (pid, machine) == (str(os.getpid()), socket.gethostname())
    assert command.split()[0] == Path(sys.argv[0]).name
    shown = datetime.fromisoformat(since).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    with pytest.raises(LibraryLocked) as refused:
        WriterLock(tmp_path / "writer.lock")
    assert str(refused.value) == (
        f"the library {tmp_path} is being written by process {pid} ({command}) since {shown}; "
        "wait until it ends, then run the command again"
    )
    lock.release()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("7\n", "process 7"),
        ("", "process unknown"),
        ("7\nelsewhere\nnever\nbridgelens index /p\n", "process 7 on elsewhere (bridgelens index /p)"),
    ],
)
def test_a_holder_is_named_as_far_as_it_named_itself(tmp_path: Path, written: str, said: str) -> None:
    lock = WriterLock(tmp_path / "writer.lock")
    (tmp_path / "writer.lock").write_text(written)
    with pytest.raises(LibraryLocked) as refused:
        WriterLock(tmp_path / "writer.lock")
    assert f"is being written by {said};" in str(refused.value)
    lock.release()


def test_a_released_lock_can_be_taken(tmp_path: Path) -> None:
    WriterLock(tmp_path / "writer.lock").release()
    WriterLock(tmp_path / "writer.lock").release()


def test_a_killed_holder_leaves_no_lock(
    tmp_path: Path, child: Callable[..., "subprocess.Popen[str]"]
) -> None:
    holder = child(HOLD, tmp_path / "writer.lock")
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(LibraryLocked, match=rf"written by process {holder.pid} \(-c "):
        WriterLock(tmp_path / "writer.lock")
    holder.kill()
    holder.wait()
    WriterLock(tmp_path / "writer.lock").release()


def test_no_folder_to_lock_in(tmp_path: Path) -> None:
    with pytest.raises(LibraryUnwritable, match=r"cannot write to the library .*: No such file or directory"):
        WriterLock(tmp_path / "gone" / "writer.lock")
