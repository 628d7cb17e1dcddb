from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from storage import intake
from storage.catalog import Catalog
from storage.database import Database
from storage.errors import FileOutsideRoots, VectorsInvalid
from storage.records import ModelRef, NewPhoto
from storage.roots import add_root
from storage.schema import Embedding, File, Photo

X, Y = [1, 0, 0, 0], [0, 1, 0, 0]


@pytest.fixture
def add(database: Database, model: ModelRef) -> Callable[..., list[int]]:
    """Add a batch in one transaction, below the root /photos."""
    with database.writing() as connection:
        add_root(connection, "/photos")

    def in_transaction(*batch: NewPhoto, to: ModelRef = model) -> list[int]:
        with database.writing() as connection:
            return intake.add(connection, to, batch)

    return in_transaction


def files(database: Database) -> dict[str, tuple[int, int, int]]:
    """Size, time and photo by relative path."""
    with database.reading() as connection:
        rows = connection.execute(select(File.relative_path, File.size, File.mtime_ns, File.photo_id))
        return {row[0]: (row[1], row[2], row[3]) for row in rows}


def count(database: Database, table: type[Photo] | type[Embedding]) -> int:
    with database.reading() as connection:
        return len(connection.execute(select(table.id)).all())


def test_ids_follow_the_order_of_the_batch(
    database: Database, add: Callable[..., list[int]], photo: Callable[..., NewPhoto]
) -> None:
    batch = [photo(f"/photos/{letter}.jpg", letter, X) for letter in "zebra"]
    assert add(*batch) == [1, 2, 3, 4, 5]
    assert files(database)["a.jpg"] == (1, 1, 5)


def test_copies_in_one_batch_and_in_a_later_one_are_one_photo(
    database: Database, add: Callable[..., list[int]], photo: Callable[..., NewPhoto]
) -> None:
    batch = (photo("/photos/a", "h", X), photo("/photos/b", "h", None), photo("/photos/c", "other", Y))
    assert add(*batch) == [1, 1, 2]
    assert add(photo("/photos/d", "h", None, size=5, mtime_ns=6)) == [1]
    assert files(database) == {"a": (1, 1, 1), "b": (1, 1, 1), "c": (1, 1, 2), "d": (5, 6, 1)}
    assert (count(database, Photo), count(database, Embedding)) == (2, 2)


def test_new_content_at_known_paths_moves_the_files(
    database: Database, add: Callable[..., list[int]], photo: Callable[..., NewPhoto]
) -> None:
    add(photo("/photos/a", "a1", X), photo("/photos/b", "b1", X), photo("/photos/c", "c1", X))
    batch = photo("/photos/a", "a2", Y, size=8, mtime_ns=9), photo("/photos/b", "b2", Y, size=6, mtime_ns=7)
    assert add(*batch) == [4, 5]
    assert files(database) == {"a": (8, 9, 4), "b": (6, 7, 5), "c": (1, 1, 3)}
    assert count(database, Photo) == 5


def rows(database: Database) -> dict[int, tuple[str, bool]]:
    """Relative path, and whether it is missing, by the file's row id."""
    with database.reading() as connection:
        found = connection.execute(select(File.id, File.relative_path, File.missing_since.is_not(None)))
        return {file_id: (path, missing) for file_id, path, missing in found}


def test_a_moved_file_keeps_its_row(
    database: Database, add: Callable[..., list[int]], photo: Callable[..., NewPhoto]
) -> None:
    add(photo("/photos/a", "h", X), photo("/photos/b", "other", Y))
    Catalog(database).mark(["/photos/a"], missing=True)
    assert rows(database) == {1: ("a", True), 2: ("b", False)}
    with database.writing() as connection:
        add_root(connection, "/photos/c")  # into another root, too
    add(replace(photo("/photos/c/d", "h", None, size=7), moved_file=1))
    assert rows(database) == {1: ("d", False), 2: ("b", False)}
    assert files(database) == {"d": (7, 1, 1), "b": (1, 1, 2)}


def test_a_row_goes_to_one_file_only(
    database: Database, add: Callable[..., list[int]], photo: Callable[..., NewPhoto]
) -> None:
    add(photo("/photos/a", "h", X))
    Catalog(database).mark(["/photos/a"], missing=True)
    moved = [replace(photo(f"/photos/{name}", "h", None), moved_file=1) for name in ("b", "c")]
    add(*moved)
    assert rows(database) == {1: ("b", False), 2: ("c", False)}
    add(photo("/photos/b", "h", None), replace(photo("/photos/d", "h", None), moved_file=1))
    assert rows(database) == {1: ("b", False), 2: ("c", False), 3: ("d", False)}


def test_a_path_twice_in_a_batch_keeps_its_last_state(
    database: Database, add: Callable[..., list[int]], photo: Callable[..., NewPhoto]
) -> None:
    assert add(photo("/photos/a", "a1", X), photo("/photos/a", "a2", Y, size=2)) == [1, 2]
    assert files(database) == {"a": (2, 1, 2)}


def test_a_content_without_any_embedding_is_refused(
    database: Database, add: Callable[..., list[int]], photo: Callable[..., NewPhoto]
) -> None:
    with pytest.raises(VectorsInvalid, match="/photos/b comes without an embedding, and mini has none of it"):
        add(photo("/photos/a", "h1", X), photo("/photos/b", "h2", None))
    assert files(database) == {}
    add(photo("/photos/a", "h1", X))
    with pytest.raises(
        VectorsInvalid, match="/photos/a comes without an embedding, and large has none of it"
    ):
        add(photo("/photos/a", "h1", None), to=ModelRef("ffff", "large", 4))


def test_one_bad_photo_leaves_nothing_of_the_batch(
    database: Database, add: Callable[..., list[int]], photo: Callable[..., NewPhoto]
) -> None:
    with pytest.raises(VectorsInvalid, match="norm 2"):
        add(photo("/photos/a", "h1", X), photo("/photos/b", "h2", [2, 0, 0, 0]))
    with pytest.raises(FileOutsideRoots, match="/else/b"):
        add(photo("/photos/a", "h1", X), photo("/else/b", "h2", X))
    assert (files(database), count(database, Photo), count(database, Embedding)) == ({}, 0, 0)
