import os
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from storage.errors import LibraryNotFound, LibraryTooNew, LibraryUnwritable, ModelMismatch
from storage.library import Library
from storage.records import Failure, KnownFile, ModelRef, NewPhoto

X, Y, HALVES = [1, 0, 0, 0], [0, 1, 0, 0], [0.5, 0.5, 0.5, 0.5]
QUERY = np.array([X], dtype=np.float32)


def test_add_and_search(library: Library, model: ModelRef, photo: Callable[..., NewPhoto]) -> None:
    batch = [photo("/photos/a", "h1", Y), photo("/photos/b", "h2", X), photo("/photos/c", "h3", HALVES)]
    assert library.add(model, batch) == [1, 2, 3]
    scores, ids = library.index(model).search(QUERY, 10)
    assert (ids.tolist(), scores.tolist()) == ([[2, 3, 1]], [[1, 0.5, 0]])
    found = library.embedding(3, model)
    assert found is not None
    assert found.tolist() == HALVES


def test_a_moved_file_keeps_its_photo(
    library: Library, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    library.add(model, [photo("/photos/old", "h1", X)])
    library.mark_missing(["/photos/old"])
    assert library.has_missing()
    assert library.photo_ids_by_hash(["h1"], model) == {"h1": (1, True)}
    assert library.add(model, [photo("/photos/new", "h1", None)]) == [1]
    assert not library.has_missing()
    assert library.photos([1])[1].paths == ("/photos/new",)
    assert len(library.index(model)) == 1
    assert library.known_files("/photos") == {
        "/photos/old": KnownFile("/photos/old", 1, 1, 1, missing=True),
        "/photos/new": KnownFile("/photos/new", 1, 1, 1, missing=False),
    }


def test_changed_content_leaves_the_old_photo_without_files(
    library: Library, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    library.add(model, [photo("/photos/a", "before", X)])
    assert library.present_photo_ids().tolist() == [1]
    assert library.add(model, [photo("/photos/a", "after", Y, size=2)]) == [2]
    assert library.present_photo_ids().tolist() == [2]
    assert library.has_missing()
    assert library.photos([1])[1].paths == ()
    allowed = library.present_photo_ids()
    assert library.index(model).search(QUERY, 5, allowed)[1].tolist() == [[2]]
    # The same content put back needs no embedding.
    assert library.add(model, [photo("/photos/a", "before", None)]) == [1]
    assert library.present_photo_ids().tolist() == [1]


def test_missing_and_back(library: Library, model: ModelRef, photo: Callable[..., NewPhoto]) -> None:
    library.add(model, [photo("/photos/a", "h1", X), photo("/photos/b", "h2", Y)])
    assert not library.has_missing()
    library.mark_missing(["/photos/b"])
    assert (library.has_missing(), library.present_photo_ids().tolist()) == (True, [1])
    library.mark_present(["/photos/b"])
    assert (library.has_missing(), library.present_photo_ids().tolist()) == (False, [1, 2])


def test_another_model_is_refused_then_embedded_beside(
    library: Library, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    large = ModelRef("ffff", "large", 2)
    assert len(library.index(large)) == 0
    library.add(model, [photo("/photos/a", "h1", X)])
    with pytest.raises(ModelMismatch, match="`bridgelens reindex --model large`"):
        library.index(large)
    library.add(large, [photo("/photos/a", "h1", [0, 1])])
    assert library.index(large).dim == 2
    assert library.index(model).ids.tolist() == [1]
    assert library.status().models == ((model, 1), (large, 1))


def test_status(library: Library, model: ModelRef, photo: Callable[..., NewPhoto]) -> None:
    run_id = library.start_run()
    library.add(model, [photo("/photos/a", "h1", X), photo("/photos/b", "h1", None)])
    library.add(model, [photo("/photos/c", "h2", X)])
    library.mark_missing(["/photos/c"])
    failure = Failure("/photos/d", "empty file", datetime(2024, 7, 1, tzinfo=UTC), 0, 1)
    library.add_failures([failure])
    library.end_run(run_id, "complete", {"added": 2})
    status = library.status()
    assert (status.photos, status.files, status.missing_files, status.failures) == (1, 2, 1, 1)
    assert (status.roots, status.models) == (("/photos",), ((model, 2),))
    assert status.last_run is not None
    assert (status.last_run.status, status.last_run.counts) == ("complete", {"added": 2})
    assert status.size_bytes == sum(entry.stat().st_size for entry in library.folder.iterdir())
    assert library.failures() == [failure]
    assert library.known_failures("/photos") == {"/photos/d": failure}
    library.forget_failures(["/photos/d"])
    assert library.failures() == []


def test_where_there_is_no_library(tmp_path: Path) -> None:
    for write in (False, True):
        with pytest.raises(LibraryNotFound, match=r"no library in .*/none; make one with `bridgelens index"):
            Library.open(tmp_path / "none", write=write)
    assert not (tmp_path / "none").exists()


def test_create_for_reading(tmp_path: Path, model: ModelRef) -> None:
    with Library.open(tmp_path / "library", create=True) as library:
        assert library.status().photos == 0
        assert len(library.index(model)) == 0
        with pytest.raises(LibraryUnwritable, match="opened for reading"):
            library.add_root(Path("/photos"))
        with pytest.raises(LibraryUnwritable, match="opened for reading"):
            library.save_index(model)


def test_a_folder_name_that_is_not_utf8(
    tmp_path: Path, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9 %41?#")
    with Library.open(folder, create=True, write=True) as library:
        library.add_root(folder)
        library.add(model, [photo(folder / "a", "h1", X)])
        library.save_index(model)
    with Library.open(folder) as library:
        assert library.index(model).ids.tolist() == [1]
        assert library.photos([1])[1].paths == (str(folder / "a"),)


def test_a_newer_library_is_refused(tmp_path: Path) -> None:
    Library.open(tmp_path / "library", create=True).close()
    with sqlite3.connect(tmp_path / "library" / "catalog.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0412'")
    connection.close()
    for write in (False, True, True):  # A refused writer leaves no lock.
        with pytest.raises(LibraryTooNew, match="revision 0412"):
            Library.open(tmp_path / "library", write=write)


def test_the_neighbours_of_every_photo(
    library: Library, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    vectors = ((1, 0, 0, 0), (0.6, 0.8, 0, 0), (0, 0, 1, 0))
    library.add(model, [photo(f"/photos/{n}", str(n), vector) for n, vector in enumerate(vectors)])
    [(ids, scores, near)] = library.neighbours(model, 2)
    assert ids.tolist() == [1, 2, 3]
    assert near[:2].tolist() == [[1, 2], [2, 1]]
    assert scores[:2].ravel().tolist() == pytest.approx([1, 0.6, 1, 0.6], abs=0.01)
    assert near[2, 0] == 3
    [(_, _, all_of_them)] = library.neighbours(model, 50)
    assert all_of_them.shape == (3, 3)


def test_an_empty_library_has_no_neighbours(library: Library, model: ModelRef) -> None:
    assert list(library.neighbours(model, 5)) == []


@pytest.fixture
def large(library: Library, model: ModelRef, photo: Callable[..., NewPhoto]) -> Iterator[Library]:
    """Ten photos, each a little further from x than the one before, and an index that is compressed."""
    library.close()
    with Library.open(library.folder, write=True, exact_limit=8) as opened:
        angles = [n * np.pi / 40 for n in range(10)]
        vectors = [(np.cos(angle), np.sin(angle), 0, 0) for angle in angles]
        opened.add(model, [photo(f"/photos/{n}", str(n), vector) for n, vector in enumerate(vectors)])
        opened.save_index(model)
        yield opened


def test_a_large_library_is_searched_by_its_rows(large: Library, model: ModelRef) -> None:
    scores, ids = large.index(model).search(QUERY, 1)
    assert (ids.tolist(), scores.tolist()) == ([[1]], [[1]])
    assert large.status().index_kinds.keys() == {model.fingerprint}
    assert large.status().index_kinds[model.fingerprint].startswith("IVF8,SQ8, ")
    large.mark_missing(["/photos/0", "/photos/1"])
    assert large.index(model).search(QUERY, 9, large.present_photos())[1][0, 0] == 3


def test_the_neighbours_in_a_large_library(large: Library, model: ModelRef) -> None:
    [(ids, scores, near)] = large.neighbours(model, 1)
    assert ids.tolist() == near[:, 0].tolist() == list(range(1, 11))
    assert scores[:, 0].tolist() == pytest.approx([1] * 10, abs=0.01)


def test_a_small_library_is_searched_exactly(
    library: Library, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    assert library.status().index_kinds == {}
    library.add(model, [photo("/photos/a", "h1", X)])
    assert library.status().index_kinds == {model.fingerprint: "exact"}


def test_present_photos_are_read_once_until_something_changes(
    library: Library, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    library.add(model, [photo("/photos/a", "h1", X), photo("/photos/b", "h2", Y)])
    present = library.present_photos()
    assert library.present_photos() is present
    library.mark_missing(["/photos/a"])
    assert present.ids.tolist() == [1, 2]
    assert library.present_photos().ids.tolist() == library.present_photo_ids().tolist() == [2]
