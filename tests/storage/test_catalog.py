import os
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest

from storage.catalog import Catalog
from storage.database import Database
from storage.records import FileState, KnownFile, MissingFile, ModelRef, NewPhoto, PhotoFacts, PhotoRecord

X = [1, 0, 0, 0]


@pytest.fixture
def catalog(database: Database) -> Catalog:
    made = Catalog(database)
    made.add_root("/photos")
    return made


def test_known_files(catalog: Catalog, model: ModelRef, photo: Callable[..., NewPhoto]) -> None:
    catalog.add(model, [photo("/photos/a", "h1", X, 10, 11), photo("/photos/b/c", "h2", X, 20, 21)])
    catalog.mark(["/photos/a"], missing=True)
    a = KnownFile("/photos/a", 10, 11, 1, missing=True)
    c = KnownFile("/photos/b/c", 20, 21, 2, missing=False)
    assert catalog.known_files("/photos") == {"/photos/a": a, "/photos/b/c": c}
    assert catalog.known_files("/photos/b") == {"/photos/b/c": c}
    assert catalog.known_files("/else") == {}


def test_an_empty_batch_is_no_transaction(catalog: Catalog, database: Database, model: ModelRef) -> None:
    before = database.changes()
    assert catalog.add(model, []) == []
    assert database.changes() == before


def test_photo_ids_by_hash(catalog: Catalog, model: ModelRef, photo: Callable[..., NewPhoto]) -> None:
    large = ModelRef("ffff", "large", 4)
    catalog.add(model, [photo("/photos/a", "h1", X), photo("/photos/b", "h2", X)])
    catalog.add(large, [photo("/photos/b", "h2", X)])
    asked = ["h1", "h2", "h3"]
    assert catalog.photo_ids_by_hash(asked, model) == {"h1": (1, True), "h2": (2, True)}
    assert catalog.photo_ids_by_hash(asked, large) == {"h1": (1, False), "h2": (2, True)}
    assert catalog.photo_ids_by_hash(asked, ModelRef("0", "new", 4)) == {"h1": (1, False), "h2": (2, False)}


def test_more_values_than_go_into_one_statement(catalog: Catalog, model: ModelRef) -> None:
    facts = [PhotoFacts(f"h{number}", 1, 1, "PNG") for number in range(10_050)]
    unit = np.array(X, dtype=np.float32)
    batch = [NewPhoto(FileState(f"/photos/{one.content_hash}", 1, 1), one, unit) for one in facts]
    assert catalog.add(model, batch) == list(range(1, 10_051))
    assert catalog.photo_ids_by_hash([one.content_hash for one in facts], model)["h10049"] == (10_050, True)
    assert len(catalog.photos(range(1, 10_051))) == 10_050
    catalog.mark([one.file.path for one in batch], missing=True)
    assert catalog.counts() == (10_050, 0, 0, 10_050)


def test_a_missing_file_leaves_its_copy_and_comes_back(
    catalog: Catalog, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    catalog.add(
        model, [photo("/photos/b", "h1", X), photo("/photos/a", "h1", None), photo("/photos/c", "h2", X)]
    )
    catalog.mark(["/photos/a", "/photos/c", "/photos/unknown"], missing=True)
    assert catalog.present_photo_ids().tolist() == [1]
    assert catalog.photos([1, 2])[1].paths == ("/photos/b",)
    assert catalog.photos([1, 2])[2].paths == ()
    assert catalog.counts() == (2, 1, 1, 2)
    catalog.mark(["/photos/a", "/photos/c"], missing=False)
    assert catalog.present_photo_ids().tolist() == [1, 2]
    assert catalog.photos([1])[1].paths == ("/photos/a", "/photos/b")
    assert catalog.counts() == (2, 2, 3, 0)


def test_what_files_held_and_which_photos_have_one(
    catalog: Catalog, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    catalog.add_root("/photos/in")
    catalog.add(model, [photo("/photos/a", "h1", X), photo("/photos/in/b", "h2", X)])
    catalog.mark(["/photos/a"], missing=True)
    asked = ["/photos/a", "/photos/in/b", "/photos/in/c"]
    assert catalog.photo_ids_at(asked) == {"/photos/a": 1, "/photos/in/b": 2}
    assert catalog.with_present_files([1, 2, 3]) == {2}
    catalog.add(model, [photo("/photos/copy", "h1", None)])
    assert catalog.with_present_files([1, 2, 3]) == {1, 2}


def test_missing_files_come_with_those_that_went_last_first(
    catalog: Catalog, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    names = ["/photos/a", "/photos/b", "/photos/c", "/photos/d"]
    catalog.add(model, [photo(path, "h1", X) for path in names])
    early, late = datetime(2020, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, 0, 0, 0, 123456, tzinfo=UTC)
    catalog.mark(["/photos/a", "/photos/d"], missing=True, at=early)
    catalog.mark(["/photos/b"], missing=True, at=late)
    b, d, a = (
        MissingFile(2, names[1], late),
        MissingFile(4, names[3], early),
        MissingFile(1, names[0], early),
    )
    assert catalog.missing_files(1, 9) == [b, d, a]
    assert catalog.missing_files(1, 2) == [b, d]
    assert catalog.missing_files(2, 9) == []


def test_missing_files_of_all_photos(
    catalog: Catalog, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    catalog.add(model, [photo(f"/photos/{name}", name, X) for name in "abc"])
    catalog.mark(["/photos/a"], missing=True, at=datetime(2024, 6, 1, tzinfo=UTC))
    catalog.mark(["/photos/c"], missing=True, at=datetime(2024, 6, 2, tzinfo=UTC))
    assert [file.path for file in catalog.missing_files(None, 9)] == ["/photos/c", "/photos/a"]
    assert [file.path for file in catalog.missing_files(None, 1)] == ["/photos/c"]


def test_indexing_a_missing_file_again_makes_it_present(
    catalog: Catalog, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    catalog.add(model, [photo("/photos/a", "h1", X)])
    catalog.mark(["/photos/a"], missing=True)
    catalog.add(model, [photo("/photos/a", "h1", None, mtime_ns=2)])
    assert catalog.known_files("/photos") == {"/photos/a": KnownFile("/photos/a", 1, 2, 1, missing=False)}


def test_present_photo_ids_are_int64_even_when_there_are_none(catalog: Catalog) -> None:
    assert str(catalog.present_photo_ids().dtype) == "int64"
    assert catalog.present_photo_ids().shape == (0,)


def test_every_fact_of_a_photo_comes_back(catalog: Catalog, model: ModelRef) -> None:
    taken = datetime(2024, 7, 1, 14, 30, 5)
    facts = PhotoFacts("h", 6000, 4000, "JPEG", taken, "Canon EOS R5", -33.8568, 151.2153)
    unit = np.array(X, dtype=np.float32)
    [photo_id] = catalog.add(model, [NewPhoto(FileState("/photos/a", 7, 1), facts, unit)])
    [record] = catalog.photos([photo_id, 99]).values()
    assert record == PhotoRecord(
        1, ("/photos/a",), "h", 6000, 4000, "JPEG", taken, "Canon EOS R5", -33.8568, 151.2153, size=7
    )


@pytest.mark.parametrize("name", [b"caf\xe9.jpg", b"\xff\xfe", "100% 'q\" \u2603.jpg".encode(), b"new\nline"])
def test_any_file_name_comes_back(
    catalog: Catalog, model: ModelRef, photo: Callable[..., NewPhoto], name: bytes
) -> None:
    root = os.fsdecode(b"/disk \xe9")
    path = os.fsdecode(b"/disk \xe9/" + name)
    catalog.add_root(root)
    catalog.add(model, [photo(path, "h", X)])
    assert catalog.roots() == [root, "/photos"]
    assert os.fsencode(catalog.photos([1])[1].paths[0]) == b"/disk \xe9/" + name
    assert list(catalog.known_files(root)) == [path]
    catalog.mark([path], missing=True)
    assert catalog.known_files(root)[path].missing


def test_names_that_differ_in_normalisation_are_two_files(
    catalog: Catalog, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    composed, decomposed = "/photos/caf\u00e9.jpg", "/photos/cafe\u0301.jpg"
    catalog.add(model, [photo(composed, "h", X), photo(decomposed, "h", None)])
    catalog.mark([composed], missing=True)
    known = catalog.known_files("/photos")
    assert (known[composed].missing, known[decomposed].missing) == (True, False)
    assert catalog.photos([1])[1].paths == (decomposed,)
