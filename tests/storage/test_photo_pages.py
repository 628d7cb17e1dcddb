"""Photos and their files, page by page, on rows that change between two pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from storage.catalog import Catalog
from storage.database import Database
from storage.photo_pages import photo_pages
from storage.records import FileState, ModelRef, NewPhoto
from storage.schema import File

LARGE = File.size > 1
X = [1, 0, 0, 0]


@pytest.fixture
def catalog(database: Database, model: ModelRef, photo: Callable[..., NewPhoto]) -> Catalog:
    """Photos 1 and 2 of large files, the first with a small copy; 3 of a small one; 4 of a large one."""
    catalog = Catalog(database)
    catalog.add_root("/photos")
    sizes = (("a", "h1", 5), ("b", "h2", 6), ("copy of a", "h1", 1), ("c", "h3", 1), ("d", "h4", 7))
    catalog.add(model, [photo(f"/photos/{name}", content, X, size=size) for name, content, size in sizes])
    return catalog


@pytest.mark.parametrize("page", [1, 2, 1000])
def test_photos_with_all_their_files(database: Database, catalog: Catalog, page: int) -> None:
    assert list(photo_pages(database, LARGE, page)) == [
        (1, [FileState("/photos/a", 5, 1), FileState("/photos/copy of a", 1, 1)]),
        (2, [FileState("/photos/b", 6, 1)]),
        (4, [FileState("/photos/d", 7, 1)]),
    ]


def test_what_is_gone_by_its_page_does_not_come(database: Database, catalog: Catalog) -> None:
    found = photo_pages(database, LARGE, page=2)
    assert next(found)[0] == 1
    catalog.mark(["/photos/b", "/photos/d"], missing=True)
    assert [photo_id for photo_id, _ in found] == [2]  # of the page that was read before
