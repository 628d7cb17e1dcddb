"""Rows as bridgelens never writes them, found and, where nothing is lost by it, put right."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.checkup import check_up
from storage.finding import Finding
from storage.library import Library

Sql = Callable[..., list[tuple[object, ...]]]


def finding(folder: Path, check: str, *, repair: bool = True) -> Finding:
    (found,) = (each for each in check_up(folder, repair=repair) if each.check == check)
    return found


def test_an_sql_index_that_lacks_a_row_is_made_anew(filled: Path) -> None:
    connection = sqlite3.connect(filled / "catalog.sqlite")
    connection.execute("PRAGMA writable_schema = ON")
    name = "ix_files_photo_id_missing_since"
    (entry,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    # While SQLite does not know of the index, a row passes it by.
    connection.execute("UPDATE sqlite_master SET sql = sql || ' WHERE id > 99' WHERE name = ?", (name,))
    connection.commit()
    connection.close()
    connection = sqlite3.connect(filled / "catalog.sqlite")
    row = "INSERT INTO files (id, root_id, relative_path, size, mtime_ns, photo_id)"
    connection.execute(f"{row} SELECT 9, root_id, 'late', 1, 1, photo_id FROM files LIMIT 1")
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (entry, name))
    connection.commit()
    connection.close()
    assert finding(filled, "database", repair=False).state == "to do"
    repaired = finding(filled, "database")
    assert repaired.state == "repaired"
    assert "row 4 missing from index ix_files_photo_id_missing_since" in repaired.found
    assert finding(filled, "database").state == "ok"


def test_a_reference_to_nothing_is_told_and_kept(filled: Path, sql: Sql) -> None:
    sql("DELETE FROM photos WHERE id = 2")
    found = finding(filled, "references")
    assert (found.state, found.found) == (
        "to do",
        "1 embeddings without their photos, 1 files without their photos",
    )
    assert "bridgelens restore FILE" in found.advice
    assert sql("SELECT count(*) FROM embeddings") == [(3,)]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM settings WHERE key = 'changes'", "the count of changes is not there"),
        ("UPDATE settings SET value = 'many' WHERE key = 'changes'", "the count of changes is not there"),
        ("UPDATE settings SET value = 'dddd 00112233aabbccdd' WHERE key = 'active_models'", "no model dddd"),
    ],
)
def test_settings_are_put_right(filled: Path, sql: Sql, statement: str, words: str) -> None:
    sql(statement)
    assert finding(filled, "settings", repair=False).state == "to do"
    found = finding(filled, "settings")
    assert found.state == "repaired"
    assert words in found.found
    assert finding(filled, "settings").state == "ok"
    with Library.open(filled, write=True) as library:
        active = library.models.active()
        assert active is not None
        assert active.fingerprint == "00112233aabbccdd"
        library.add_root(Path("/more"))
        assert library.has_missing() is False


def test_a_file_noted_twice_keeps_the_row_of_its_own_folder(filled: Path, sql: Sql, tmp_path: Path) -> None:
    sql("INSERT INTO roots (path) VALUES (?)", os.fsencode(tmp_path))
    row = "INSERT INTO files (id, root_id, relative_path, size, mtime_ns, photo_id)"
    copy = f"{row} SELECT ?, 3, ?, 1, 1, photo_id FROM files WHERE id = 1"
    sql(copy, 8, b"photos/1.jpg")
    sql(copy, 9, b"photos/only here.jpg")
    assert finding(filled, "paths", repair=False).found == "2 files were noted under a folder above their own"
    assert finding(filled, "paths").state == "repaired"
    assert finding(filled, "paths").state == "ok"
    assert sql("SELECT id, root_id, relative_path FROM files") == [
        (1, 2, b"1.jpg"), (2, 2, b"2.jpg"), (3, 2, b"3.jpg"), (9, 2, b"only here.jpg"),
    ]  # fmt: skip
