import os
import subprocess
from collections.abc import Callable
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
    assert (tmp_path / "writer.lock").read_text() == f"{os.getpid()}\n"
    with pytest.raises(LibraryLocked, match=f"written by process {os.getpid()};"):
        WriterLock(tmp_path / "writer.lock")
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
    with pytest.raises(LibraryLocked, match=f"written by process {holder.pid};"):
        WriterLock(tmp_path / "writer.lock")
    holder.kill()
    holder.wait()
    WriterLock(tmp_path / "writer.lock").release()


def test_no_folder_to_lock_in(tmp_path: Path) -> None:
    with pytest.raises(LibraryUnwritable, match=r"cannot write to the library .*: No such file or directory"):
        WriterLock(tmp_path / "gone" / "writer.lock")
