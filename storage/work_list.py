"""What a run has found out and still has to act on, on disk: a library may have millions of files."""

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeAlias

from storage.database import our_errors
from storage.records import FileState, PathState

List: TypeAlias = Literal["read", "returned", "vanished"]
_PAGE = 1000


def _temporary_folder() -> Path:
    """Where SQLite puts its temporary files, for a message when that is full.

    Source: https://www.sqlite.org/tempfiles.html, "Temporary File Storage Locations".
    """
    if os.name == "nt":
        return Path(os.environ.get("TMP", os.curdir))
    named = (os.environ.get(name) for name in ("SQLITE_TMPDIR", "TMPDIR"))
    places = [place for place in (*named, "/var/tmp", "/usr/tmp", "/tmp") if place]
    return Path(
        next((each for each in places if os.path.isdir(each) and os.access(each, os.W_OK)), os.curdir)
    )


class WorkList:
    """Files to read, returned and vanished, each list in the order it was written; gone when closed.

    Safe to read from another thread than the one that wrote it.
    """

    def __init__(self) -> None:
        """An empty list in a temporary file, which SQLite makes when the list outgrows its small cache."""
        self._lock = threading.Lock()
        self._place = _temporary_folder()
        with our_errors(self._place):
            self._rows = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            # A temporary database is never recovered, so nothing has to reach the disk in order.
            self._rows.execute("PRAGMA synchronous = OFF")
            self._rows.execute(
                "CREATE TABLE work (id INTEGER PRIMARY KEY, list TEXT, path BLOB, size INTEGER,"
                # Any number of rows may have no photo.
                " mtime_ns INTEGER, sidecar_ns INTEGER, photo_id INTEGER UNIQUE)"
            )
            self._rows.execute("CREATE INDEX work_list_id ON work (list, id)")

    def close(self) -> None:
        """Drop all of it."""
        self._rows.close()

    def __enter__(self) -> Self:
        """The list itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    @contextmanager
    def unless_taken_back(self) -> Iterator["Draft"]:
        """What is added inside counts when the block ends, unless `Draft.take_back` was called."""
        with our_errors(self._place), self._lock:
            self._rows.execute("BEGIN")
            draft = Draft(self._rows)
            try:
                yield draft
            except BaseException:
                self._rows.execute("ROLLBACK")
                raise
            self._rows.execute("ROLLBACK" if draft.taken_back else "COMMIT")

    def count(self, which: List) -> int:
        """How many files a list has."""
        with our_errors(self._place), self._lock:
            row = self._rows.execute("SELECT count(*) FROM work WHERE list = ?", (which,)).fetchone()
            return int(row[0])

    def files(self, which: List = "read") -> Iterator[FileState]:
        """The files of a list."""
        for page in self._pages(which):
            yield from page

    def paths(self, which: List) -> Iterator[list[str]]:
        """The paths of a list, many at a time."""
        for page in self._pages(which):
            yield [file.path for file in page]

    def _pages(self, which: List) -> Iterator[Sequence[FileState]]:
        query = (
            "SELECT id, path, size, mtime_ns, sidecar_ns FROM work"
            " WHERE list = ? AND id > ? ORDER BY id LIMIT ?"
        )
        last = 0
        while True:
            with our_errors(self._place), self._lock:
                rows = self._rows.execute(query, (which, last, _PAGE)).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield [FileState(os.fsdecode(path), *state) for _, path, *state in rows]


class Draft:
    """Rows being added to a `WorkList`."""

    def __init__(self, rows: sqlite3.Connection) -> None:
        """Write through this connection, within its transaction."""
        self._rows = rows
        self.taken_back = False

    def add(self, which: List, file: PathState, only_one_of: int | None = None) -> bool:
        """Add a file; false when another one of the same photo, given by its id, is there already."""
        row = (which, *file, only_one_of)
        new = (
            "INSERT OR IGNORE INTO work (list, path, size, mtime_ns, sidecar_ns, photo_id)"
            " VALUES (?, ?, ?, ?, ?, ?)"
        )
        return self._rows.execute(new, row).rowcount == 1

    def take_back(self) -> None:
        """Let none of these rows count."""
        self.taken_back = True
