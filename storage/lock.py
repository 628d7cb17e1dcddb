"""The lock that keeps a library to one writer; the system frees it when its holder ends, however it ends."""

import os
import shlex
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

from storage.errors import LibraryLocked, LibraryUnwritable

# Far behind what the holder writes at the start of the file: Windows lets nobody read a locked byte.
_WINDOWS_LOCK_OFFSET = 1 << 30
_LONGEST = 1000  # characters of the holder's command; a long list of folders is cut


class WriterLock:
    """An exclusive lock on a file, which also says who holds it: pid, machine, since when, which command."""

    def __init__(self, path: Path) -> None:
        """Take the lock.

        Raises:
            LibraryLocked: Another writer, in this or another process, holds it; the message says which.
            LibraryUnwritable: The lock file cannot be made.
        """
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        except OSError as problem:
            raise LibraryUnwritable(
                f"cannot write to the library {path.parent}: {problem.strerror}; "
                "make the folder writable, or choose another with --library"
            ) from problem
        if not _try_lock(self._fd):
            os.lseek(self._fd, 0, os.SEEK_SET)
            holder = _described(os.read(self._fd, 8 * _LONGEST).decode("utf-8", "replace"))
            os.close(self._fd)
            raise LibraryLocked(
                f"the library {path.parent} is being written by {holder}; "
                "wait until it ends, then run the command again"
            )
        os.ftruncate(self._fd, 0)
        os.write(self._fd, _holder().encode("utf-8", "backslashreplace"))

    def release(self) -> None:
        """Let the next writer in. The file stays: removing it would let two writers lock two files."""
        os.close(self._fd)


def _holder() -> str:
    """This process, a line each: pid, machine, time in UTC, command."""
    command = shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]).replace("\n", " ")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return f"{os.getpid()}\n{socket.gethostname()}\n{now}\n{command[:_LONGEST]}\n"


def _described(holder: str) -> str:
    """The holder as a person reads it; an older version wrote the pid alone."""
    pid, machine, since, command = (*holder.splitlines()[:4], "", "", "", "")[:4]
    said = f"process {pid or 'unknown'}"
    if machine and machine != socket.gethostname():
        said += f" on {machine}"
    if command:
        said += f" ({command})"
    try:
        said += f" since {datetime.fromisoformat(since).astimezone():%Y-%m-%d %H:%M:%S}"
    except ValueError:
        pass
    return said


def _try_lock(fd: int) -> bool:
    """Whether the lock could be taken at once; freed when `fd` is closed."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(fd, _WINDOWS_LOCK_OFFSET, os.SEEK_SET)
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
            os.lseek(fd, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
