"""The photos that are there follow what this program and others change."""

from __future__ import annotations

from collections.abc import Callable

from storage.catalog import Catalog
from storage.database import Database
from storage.present_photos import PresentPhotos
from storage.records import ModelRef, NewPhoto

X = [1, 0, 0, 0]


def test_it_is_kept_until_something_changes(
    database: Database, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    catalog = Catalog(database)
    present = PresentPhotos(database, catalog)
    assert (present.photos().ids.tolist(), present.are_all()) == ([], True)
    catalog.add_root("/photos")
    catalog.add(model, [photo("/photos/a", "h1", X), photo("/photos/b", "h2", X)])
    assert (present.photos().ids.tolist(), present.are_all()) == ([1, 2], True)
    assert present.photos() is present.photos()
    catalog.mark(["/photos/a"], missing=True)
    assert (present.photos().ids.tolist(), present.are_all()) == ([2], False)


def test_another_program_s_change_is_seen(
    database: Database, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    other = Database(database.path, write=False)
    present = PresentPhotos(other, Catalog(other))
    assert present.photos().ids.tolist() == []
    catalog = Catalog(database)
    catalog.add_root("/photos")
    catalog.add(model, [photo("/photos/a", "h1", X)])
    assert present.photos().ids.tolist() == [1]
    other.close()
