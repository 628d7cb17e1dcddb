import os
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select

from storage.database import Database
from storage.errors import FileOutsideRoots
from storage.roots import Place, Roots, absolute, add_root
from storage.schema import FailedFile, File, Photo, Root


def put(database: Database, *paths: str) -> None:
    """Rows of files and failures at these paths, all of one photo."""
    with database.writing() as connection:
        roots = Roots(connection)
        connection.execute(insert(Photo).values(content_hash="h", width=1, height=1, format="PNG"))
        for path in paths:
            at = roots.place(path)._asdict() | {"size": 1, "mtime_ns": 1}
            connection.execute(insert(File).values(**at, photo_id=1))
            connection.execute(insert(FailedFile).values(**at, reason="empty", failed_at=datetime.now(UTC)))


def under(database: Database, folder: str) -> list[str]:
    with database.reading() as connection:
        roots = Roots(connection)
        query = select(File.root_id, File.relative_path).where(roots.under(folder, File))
        return sorted(roots.absolute(*row) for row in connection.execute(query))


def add(database: Database, *folders: str) -> None:
    with database.writing() as connection:
        for folder in folders:
            add_root(connection, folder)


def test_a_file_belongs_to_the_deepest_root(database: Database) -> None:
    add(database, "/photos", "/photos/2024")
    with database.reading() as connection:
        roots = Roots(connection)
    assert roots.place("/photos/a.jpg") == Place(1, "a.jpg")
    assert roots.place("/photos/2024/a.jpg") == Place(2, "a.jpg")
    assert roots.place("/photos/20245/a.jpg") == Place(1, "20245/a.jpg")
    assert roots.absolute(2, "b/c.jpg") == "/photos/2024/b/c.jpg"


def test_a_file_outside_every_root_is_refused(database: Database) -> None:
    add(database, "/photos")
    with database.reading() as connection:
        roots = Roots(connection)
    with pytest.raises(FileOutsideRoots, match=r"^/else/a.jpg lies under none .*\(/photos\); add its folder"):
        roots.place("/else/a.jpg")


def test_a_root_is_added_once(database: Database) -> None:
    add(database, "/photos", "/photos/", "/photos/x/..")
    with database.reading() as connection:
        assert Roots(connection).paths == {1: "/photos"}


def test_the_file_system_itself_as_a_root(database: Database) -> None:
    add(database, "/")
    with database.reading() as connection:
        roots = Roots(connection)
    assert roots.place("/a.jpg") == Place(1, "a.jpg")
    assert roots.absolute(1, "a.jpg") == "/a.jpg"


def test_under_a_folder_whichever_root_holds_it(database: Database) -> None:
    add(database, "/photos", "/photos/2024")
    put(database, "/photos/a", "/photos/b/c", "/photos/b/d/e", "/photos/b0", "/photos/b.x", "/photos/2024/f")
    assert under(database, "/photos") == [
        "/photos/2024/f",
        "/photos/a",
        "/photos/b.x",
        "/photos/b/c",
        "/photos/b/d/e",
        "/photos/b0",
    ]
    assert under(database, "/photos/b") == ["/photos/b/c", "/photos/b/d/e"]
    assert under(database, "/photos/2024") == ["/photos/2024/f"]
    assert under(database, "/") == under(database, "/photos")
    assert under(database, "/else") == []


def test_a_root_inside_another_takes_its_rows_over(database: Database) -> None:
    inner = os.fsdecode(b"/photos/\xe9t\xc3\xa9")  # Bytes and characters differ in number.
    add(database, "/photos")
    put(database, "/photos/a", f"{inner}/b", f"{inner}/c/d", f"{inner}x/e")
    add(database, inner)
    with database.reading() as connection:
        assert connection.execute(select(Root.path).where(Root.id == 2)).scalar_one() == inner
        for table in (File, FailedFile):
            rows = connection.execute(select(table.root_id, table.relative_path).order_by(table.id))
            assert list(rows) == [(1, "a"), (2, "b"), (2, "c/d"), (1, f"{inner}x/e".removeprefix("/photos/"))]


def test_absolute() -> None:
    assert absolute("/photos//x/../y/") == "/photos/y"
    assert absolute("photos") == os.path.join(os.getcwd(), "photos")
