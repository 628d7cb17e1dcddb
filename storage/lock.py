"""The lock that keeps a library to one writer; the system frees it when its holder ends, however it ends."""

import os
import sys
from pathlib import Path

from storage.errors import LibraryLocked, LibraryUnwritable

# Far behind the pid at the start of the file: Windows lets nobody read a locked byte.
_WINDOWS_LOCK_OFFSET = 1 << 30


class WriterLock:
    """An exclusive lock on a file, which also names its holder's process id."""

    def __init__(self, path: Path) -> None:
        """Take the lock.

        Raises:
            LibraryLocked: Another writer, in this or another process, holds it; the message names its pid.
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
            holder = os.read(self._fd, 20).decode("ascii", "replace").strip()
            os.close(self._fd)
            raise LibraryLocked(
                f"the library {path.parent} is being written by process {holder or 'unknown'}; "
                "wait until it ends, then run the command again"
            )
        os.ftruncate(self._fd, 0)
        os.write(self._fd, f"{os.getpid()}\n".encode("ascii"))

    def release(self) -> None:
        """Let the next writer in. The file stays: removing it would let two writers lock two files."""
        os.close(self._fd)


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
