"""catalog.sqlite as connections: one writer, many readers, every error as one of ours."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, QueuePool, create_engine, event, select, update
from sqlalchemy.exc import DBAPIError

from storage.distance import distance_km
from storage.errors import LibraryDamaged, LibraryLocked, LibraryUnwritable, StorageError
from storage.schema import Setting

BUSY_TIMEOUT_S = 10.0
T = TypeVar("T")


class Database:
    """Transactions on one catalog.sqlite; safe to share between threads."""

    def __init__(self, path: Path, *, write: bool) -> None:
        """Open the file, which a writer creates when absent.

        Raises:
            LibraryDamaged: The file is not an SQLite database.
            LibraryUnwritable: It cannot be opened in this way.
        """
        self.path = path
        self.write = write
        with our_errors(path):
            mode: Literal["rwc", "ro", "immutable"] = "rwc" if write else _reading_mode(path)
            self._engine = _engine(path, mode)
            # A write takes SQLite's lock at once: a read that turns into a write could be refused half way.
            self._writing = self._engine.execution_options(begin="BEGIN IMMEDIATE")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the rows, whatever a writer does meanwhile."""
        with our_errors(self.path), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """All of it is written, or nothing.

        Raises:
            LibraryUnwritable: The library was opened for reading, or the disk is full.
        """
        if not self.write:
            raise LibraryUnwritable(f"{self.path} was opened for reading; open the library with write=True")
        with our_errors(self.path), self._writing.begin() as connection:
            yield connection
            count = sa.cast(sa.cast(Setting.value, sa.Integer) + 1, sa.String)
            connection.execute(update(Setting).where(Setting.key == "changes").values(value=count))

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """A write transaction for changing the tables themselves."""
        with our_errors(self.path), self._writing.begin() as connection:
            yield connection

    def changes(self) -> int:
        """How many write transactions the library has seen; what was read holds while this stays the same."""
        with self.reading() as connection:
            return int(connection.scalars(select(Setting.value).where(Setting.key == "changes")).one())

    def setting(self, key: str) -> str | None:
        """A value of the whole library; None where it was never set."""
        with self.reading() as connection:
            return connection.scalars(select(Setting.value).where(Setting.key == key)).one_or_none()

    def close(self) -> None:
        """Close every connection; the last writer's close folds the write-ahead log into the file."""
        self._engine.dispose()


def chunks(items: Sequence[T], size: int = 10_000) -> Iterator[Sequence[T]]:
    """The items in parts that fit the number of values SQLite takes in one statement (32,766)."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _engine(path: Path, mode: Literal["rwc", "ro", "immutable"]) -> Engine:
    engine = create_engine("sqlite://", creator=lambda: _connect(path, mode), poolclass=QueuePool)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # The sqlite3 module begins transactions late, and not before DDL, so we begin them ourselves.
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))

    return engine


def _connect(path: Path, mode: Literal["rwc", "ro", "immutable"]) -> sqlite3.Connection:
    options = "mode=ro&immutable=1" if mode == "immutable" else f"mode={mode}"
    connection = sqlite3.connect(
        f"file:{quote(os.fsencode(path))}?{options}",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.create_function("distance_km", 4, _distance_km, deterministic=True)
        if mode == "rwc":
            connection.execute("PRAGMA journal_mode = WAL")
            # NORMAL may lose the last batches when the power goes; an embedding costs more than an fsync.
            connection.execute("PRAGMA synchronous = FULL")
        else:
            connection.execute("PRAGMA query_only = ON")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _distance_km(
    latitude: float | None, longitude: float | None, to_latitude: float, to_longitude: float
) -> float | None:
    """`distance_km` for SQL, which has sines only where SQLite was built with them."""
    if latitude is None or longitude is None:
        return None
    return distance_km((latitude, longitude), (to_latitude, to_longitude))


def _reading_mode(path: Path) -> Literal["ro", "immutable"]:
    """How the file can be read: SQLite wants its -shm file beside it, which a read-only folder denies.

    Without a write-ahead log nobody is writing, and the file may be read as one that does not change.
    Source: https://www.sqlite.org/wal.html#read_only_databases
    """
    connection = _connect(path, "ro")
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        log = path.with_name(path.name + "-wal")
        if os.access(path.parent, os.W_OK, effective_ids=os.access in os.supports_effective_ids) or (
            log.exists() and log.stat().st_size > 0
        ):
            raise
        return "immutable"
    finally:
        connection.close()
    return "ro"


@contextmanager
def our_errors(path: Path) -> Iterator[None]:
    """Inside, what SQLite says of this file becomes an error of ours."""
    try:
        yield
    except DBAPIError as problem:
        if (ours := _our_error(path, problem.orig)) is None:
            raise
        raise ours from problem
    except sqlite3.Error as problem:
        if (ours := _our_error(path, problem)) is None:
            raise
        raise ours from problem


def _our_error(path: Path, problem: BaseException | None) -> StorageError | None:
    """The error of ours that says what SQLite's result code means for the user.

    Source: https://www.sqlite.org/rescode.html (the low byte is the primary code).
    """
    code = getattr(problem, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_BUSY:
        return LibraryLocked(f"{path} is in use by another program ({problem}); try again when it has ended")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN):
        return LibraryUnwritable(f"cannot open {path}: {problem}; check the permissions of the folder")
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return LibraryUnwritable(f"cannot write {path}: {problem}; free some disk space and run it again")
    if code not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR):
        return None  # A mistake of ours, which a traceback explains better.
    return LibraryDamaged(
        f"{path} is not a usable catalog: {problem}; "
        "`bridgelens doctor` says what is the matter, and `bridgelens restore FILE` puts a backup back; "
        "without one, move the folder away and run `bridgelens index FOLDER` again"
    )
