"""One consistent copy of an SQLite database in a file of its own, while others read and write it."""

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

from sqlalchemy import text

from storage.database import Database

OnProgress = Callable[[int, int], None]
_PAGES = 4096  # a step; between two of them Ctrl-C is heard


@contextmanager
def one_view(database: Database) -> Iterator[sqlite3.Connection]:
    """SQLite's own connection, inside a transaction that has begun to read.

    A backup from it never begins again when others write: it copies the state that this transaction sees.
    Source: https://www.sqlite.org/backup.html and https://www.sqlite.org/isolation.html
    """
    with database.reading() as connection:
        connection.execute(text("SELECT count(*) FROM sqlite_master")).scalar()
        yield cast(sqlite3.Connection, connection.connection.driver_connection)


def write_copy(source: sqlite3.Connection, target: Path, on_progress: OnProgress | None = None) -> None:
    """Copy a database to a new file without a log beside it, and see it safely on the disk.

    Args:
        source: As `one_view` gives it.
        target: A file that is absent or empty.
        on_progress: Told how many pages are copied, of how many.

    Raises:
        OSError: The copy cannot be written.
        sqlite3.DatabaseError: A page of the source cannot be read.
    """

    def tell(status: int, remaining: int, total: int) -> None:
        if on_progress is not None:
            on_progress(total - remaining, total)

    try:
        with closing(sqlite3.connect(target)) as copy:
            copy.execute("PRAGMA synchronous = OFF")  # it is synced as a whole below
            source.backup(copy, pages=_PAGES, progress=tell)
            # The copy says that it keeps a write-ahead log, as its source does: it is to be one file.
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as problem:
        if is_damage(problem):
            raise
        raise OSError(errno.EIO, str(problem), os.fspath(target)) from problem
    with open(target, "rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make a rename in the folder last. Windows has no such call, and does it with the rename."""
    if os.name == "nt":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file that was read is to blame, and not the disk that was written to."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def problems(connection: sqlite3.Connection) -> list[str]:
    """What SQLite's examination of every page finds amiss; nothing, where all is well."""
    return [str(row) for (row,) in connection.execute("PRAGMA integrity_check(10)") if row != "ok"]
