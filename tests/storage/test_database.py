import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text

from storage.database import Database, chunks
from storage.errors import LibraryDamaged, LibraryUnwritable
from storage.schema import Root


def count_roots(database: Database) -> int:
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(Root)).scalar_one()


def test_a_transaction_is_all_or_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        connection.execute(insert(Root).values(path="/photos"))
        raise ZeroDivisionError
    assert count_roots(database) == 0
    assert database.changes() == 0


def test_each_write_transaction_is_counted(database: Database) -> None:
    for path in ("/a", "/b", "/c"):
        with database.writing() as connection:
            connection.execute(insert(Root).values(path=path))
    assert database.changes() == 3


def test_the_settings_that_keep_rows_safe(database: Database) -> None:
    with database.reading() as connection:
        found = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in SAFE]
    assert found == list(SAFE.values())


SAFE = {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 10_000}


def test_a_reader_keeps_its_view_while_a_writer_commits(database: Database) -> None:
    reader = Database(database.path, write=False)
    with reader.reading() as connection:
        count = select(func.count()).select_from(Root)
        assert connection.execute(count).scalar_one() == 0
        with database.writing() as writing:
            writing.execute(insert(Root).values(path="/photos"))
        assert connection.execute(count).scalar_one() == 0
    assert count_roots(reader) == 1
    reader.close()


def test_a_reader_cannot_write(database: Database) -> None:
    reader = Database(database.path, write=False)
    with pytest.raises(LibraryUnwritable, match="opened for reading"), reader.writing():
        pass
    with pytest.raises(LibraryUnwritable, match="readonly database"), reader.reading() as connection:
        connection.execute(insert(Root).values(path="/photos"))
    reader.close()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(
        LibraryDamaged, match=r"catalog\.sqlite is not a usable catalog: file is not a database"
    ):
        Database(path, write=False)


def test_a_full_disk_is_told_and_loses_nothing(database: Database) -> None:
    with pytest.raises(LibraryUnwritable, match="free some disk space"), database.writing() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        connection.execute(insert(Root), [{"path": f"/{number}" * 100} for number in range(1000)])
    assert count_roots(database) == 0


def test_a_path_with_every_awkward_character(tmp_path: Path) -> None:
    folder = tmp_path / "a?b#c%20d e"
    folder.mkdir()
    Database(folder / "catalog.sqlite", write=True).close()
    opened = Database(folder / "catalog.sqlite", write=True)
    with opened.migrating() as connection:
        connection.execute(text("CREATE TABLE made (here INTEGER)"))
    opened.close()
    plain = sqlite3.connect(folder / "catalog.sqlite")
    assert plain.execute("SELECT name FROM sqlite_master").fetchall() == [("made",)]
    plain.close()


def test_chunks() -> None:
    assert list(chunks([1, 2, 3, 4, 5], 2)) == [[1, 2], [3, 4], [5]]
    assert list(chunks([], 2)) == []
