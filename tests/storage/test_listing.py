import os
from collections.abc import Callable

import pytest

from storage.catalog import Catalog
from storage.database import Database
from storage.listing import in_order
from storage.records import ModelRef, NewPhoto

X = [1, 0, 0, 0]


@pytest.fixture
def catalog(database: Database) -> Catalog:
    return Catalog(database)


def paths(database: Database, folder: str, model: ModelRef) -> list[str]:
    return [os.fsdecode(path) for (path, *_), *_ in in_order(database, folder, model)]


def test_rows_as_they_are(
    catalog: Catalog, database: Database, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    catalog.add_root("/photos")
    catalog.add(model, [photo("/photos/b", "h1", X, 10, 11), photo("/photos/a", "h2", X, 20, 21)])
    catalog.mark(["/photos/a"], missing=True)
    large = ModelRef("ffff", "large", 4)
    catalog.add(large, [photo("/photos/b", "h1", X, 10, 11)])
    a, b = (b"/photos/a", 20, 21, 0), (b"/photos/b", 10, 11, 0)
    assert list(in_order(database, "/photos", model)) == [(a, 2, True, True), (b, 1, False, True)]
    assert list(in_order(database, "/photos", large)) == [(a, 2, True, False), (b, 1, False, True)]
    unknown = ModelRef("0", "new", 4)
    assert list(in_order(database, "/photos", unknown)) == [(a, 2, True, False), (b, 1, False, False)]


def test_the_order_is_that_of_bytes_across_roots_inside_each_other(
    catalog: Catalog, database: Database, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    for root in ("/photos", "/photos/b", "/photos/b/d"):
        catalog.add_root(root)
    odd = os.fsdecode(b"/photos/caf\xe9")
    expected = ["/photos/a", "/photos/b-c", "/photos/b/a", "/photos/b/d/e", "/photos/b/f", "/photos/b0", odd]
    catalog.add(model, [photo(path, "h", X) for path in reversed(expected)])
    assert paths(database, "/photos", model) == expected
    assert paths(database, "/photos/b", model) == ["/photos/b/a", "/photos/b/d/e", "/photos/b/f"]
    assert paths(database, "/photos/b/d", model) == ["/photos/b/d/e"]
    assert paths(database, "/photos/b/none", model) == []
    assert paths(database, "/", model) == expected
    assert paths(database, "/else", model) == []


def test_more_rows_than_come_at_a_time(
    catalog: Catalog, database: Database, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    catalog.add_root("/photos")
    expected = [f"/photos/{number:04}" for number in range(2345)]
    catalog.add(model, [photo(path, "h", X) for path in expected])
    assert paths(database, "/photos", model) == expected


def test_a_listing_shows_one_view_of_the_rows(
    catalog: Catalog, database: Database, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    catalog.add_root("/photos")
    catalog.add(model, [photo("/photos/a", "h", X)])
    rows = in_order(database, "/photos", model)
    assert next(rows)[0] == (b"/photos/a", 1, 1, 0)
    catalog.add(model, [photo("/photos/b", "h", None)])
    assert list(rows) == []
    assert paths(database, "/photos", model) == ["/photos/a", "/photos/b"]
