from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from storage.catalog import Catalog
from storage.database import Database
from storage.folder_tree import subfolders
from storage.records import ModelRef, NewPhoto
from storage.roots import Roots


def rows(database: Database, inside: str | None) -> tuple[str, list[tuple[int, bytes]]]:
    with database.reading() as connection:
        prefix, queries = subfolders(Roots(connection), inside)
        return prefix, sorted(
            (photo_id, name) for query in queries for photo_id, name in connection.execute(query)
        )


def test_photos_and_the_folder_that_each_of_their_files_lies_in(
    database: Database, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    catalog = Catalog(database)
    catalog.add_root("/photos")
    catalog.add_root("/photos/b")
    x = [1, 0, 0, 0]
    files = [("a/1", "h1"), ("a/copy", "h1"), ("b/c/2", "h2"), ("3", "h3"), ("a/4", "h4")]
    catalog.add(model, [photo(Path("/photos") / name, content, x) for name, content in files])
    catalog.mark(["/photos/a/4"], missing=True)
    assert rows(database, "/photos") == ("/photos/", [(1, b"a"), (1, b"a"), (2, b"b")])
    assert rows(database, "/photos/a") == ("/photos/a/", [])
    assert rows(database, "/photos/b") == ("/photos/b/", [(2, b"c")])
    assert rows(database, "/") == ("/", [(1, b"photos"), (1, b"photos"), (2, b"photos"), (3, b"photos")])
    assert rows(database, None) == ("", [(1, b"/photos"), (1, b"/photos"), (2, b"/photos"), (3, b"/photos")])
