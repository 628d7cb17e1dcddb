"""The SQLite file of a `PhotoCache`: how it is opened, its two tables, and the pages that it takes."""

import os
import sqlite3
import zlib
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from storage.snapshot import is_damage

_BUSY_TIMEOUT_S = 2.0
_PAGE = 16384
# `used` counts uses, not seconds. Contents have a table of their own: a use would rewrite them otherwise.
_SETUP = f"""
PRAGMA page_size = {_PAGE};
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY, content_hash TEXT NOT NULL, made_by TEXT NOT NULL,
    size INTEGER NOT NULL, checksum INTEGER NOT NULL, used INTEGER NOT NULL, UNIQUE (content_hash, made_by));
CREATE INDEX IF NOT EXISTS entries_used ON entries (used, id);
CREATE TABLE IF NOT EXISTS contents (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
"""
# What the file takes for a thing beside its bytes: its row, and pages that are not quite full.
OVERHEAD = 2 * _PAGE
# The file as it can be opened: a folder that takes no files has no log, so that nobody can be writing.
_WAYS = ("mode=rwc", "mode=ro", "mode=ro&immutable=1")


def connect(path: Path) -> tuple[sqlite3.Connection, str | None]:
    """The file, and why it cannot be written to; None where it can.

    Raises:
        sqlite3.Error: It cannot be read either, or is damaged.
    """
    refusal: sqlite3.Error | None = None
    for options in _WAYS:
        rows = None
        try:
            name = f"file:{quote(os.fsencode(path))}?{options}"
            rows = sqlite3.connect(
                name, uri=True, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
            if options == _WAYS[0]:
                rows.executescript(_SETUP)
            rows.execute("SELECT id FROM entries LIMIT 1").fetchone()
            return rows, None if refusal is None else str(refusal)
        except sqlite3.Error as error:
            if rows is not None:
                rows.close()
            if is_damage(error):
                raise
            refusal = refusal or error
    raise refusal or AssertionError


def insert(rows: sqlite3.Connection, content_hash: str, made_by: str, content: bytes) -> None:
    """Keep a thing in the place of an earlier one."""
    earlier = rows.execute(
        "SELECT id FROM entries WHERE content_hash = ? AND made_by = ?", (content_hash, made_by)
    ).fetchall()
    delete(rows, [entry for (entry,) in earlier])
    entry = rows.execute(
        "INSERT INTO entries (content_hash, made_by, size, checksum, used) VALUES (?, ?, ?, ?, ?)",
        (content_hash, made_by, len(content), zlib.crc32(content), next_use(rows)),
    ).lastrowid
    rows.execute("INSERT INTO contents (id, bytes) VALUES (?, ?)", (entry, content))


def delete(rows: sqlite3.Connection, entries: Iterable[int]) -> None:
    """Let go of entries and their contents."""
    keys = [(entry,) for entry in entries]
    rows.executemany("DELETE FROM contents WHERE id = ?", keys)
    rows.executemany("DELETE FROM entries WHERE id = ?", keys)


def next_use(rows: sqlite3.Connection) -> int:
    """The number of a use that is later than all before."""
    return int(rows.execute("SELECT coalesce(max(used), 0) + 1 FROM entries").fetchone()[0])


def bytes_used(rows: sqlite3.Connection) -> int:
    """Of the file, without the pages that are free."""
    return (pragma(rows, "page_count") - pragma(rows, "freelist_count")) * pragma(rows, "page_size")


def pragma(rows: sqlite3.Connection, name: str) -> int:
    """A number that SQLite keeps of the file."""
    return int(rows.execute(f"PRAGMA {name}").fetchone()[0])
