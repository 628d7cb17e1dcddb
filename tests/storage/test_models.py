"""Which model is active, the way back, and what a model has not embedded."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from storage.errors import NoModelBefore
from storage.library import Library
from storage.records import FileState, ModelRef, NewPhoto

X, Y = [1, 0, 0, 0], [0, 1, 0, 0]
LARGE = ModelRef("ffff", "large", 4)
Photo = Callable[..., NewPhoto]


def forget_active(library: Library) -> None:
    """Make it a library from before there was an active model."""
    with sqlite3.connect(library.folder / "catalog.sqlite") as connection:
        connection.execute("DELETE FROM settings WHERE key = 'active_models'")
    connection.close()


def test_the_first_model_becomes_active_and_a_second_one_does_not(
    library: Library, model: ModelRef, photo: Photo
) -> None:
    assert library.models.active() is None
    library.add(model, [photo("/photos/a", "h1", X)])
    library.add(LARGE, [photo("/photos/a", "h1", X), photo("/photos/b", "h2", Y)])
    assert library.models.active() == library.status().active_model == model
    assert library.models.before() is None


def test_an_older_library_has_the_model_with_most_embeddings_active(
    library: Library, model: ModelRef, photo: Photo
) -> None:
    library.add(model, [photo("/photos/a", "h1", X)])
    library.add(LARGE, [photo("/photos/a", "h1", X), photo("/photos/b", "h2", Y)])
    forget_active(library)
    assert library.models.active() == LARGE
    library.add(model, [photo("/photos/b", "h2", Y), photo("/photos/c", "h3", Y)])
    assert library.models.active() == LARGE, "written down before the batch"


def test_activate_and_roll_back(library: Library, model: ModelRef, photo: Photo) -> None:
    library.add(model, [photo("/photos/a", "h1", X)])
    with pytest.raises(NoModelBefore, match="bridgelens reindex --model NAME"):
        library.models.roll_back()
    library.models.activate(LARGE)
    assert (library.models.active(), library.models.before()) == (LARGE, model)
    library.models.activate(LARGE)
    assert library.models.before() == model, "twice the same is one change"
    assert library.models.roll_back() == model
    assert (library.models.active(), library.models.before()) == (model, None)
    assert library.embedding(1, model) is not None


def test_a_model_goes_by_its_latest_name(library: Library, model: ModelRef, photo: Photo) -> None:
    library.add(model, [photo("/photos/a", "h1", X)])
    moved = ModelRef(model.fingerprint, "/models/moved", 4)
    library.add(moved, [photo("/photos/b", "h2", X)])
    assert library.models.active() == moved


def test_lacking_counts_photos_with_a_present_file_once(
    library: Library, model: ModelRef, photo: Photo
) -> None:
    library.add_root(Path("/other"))
    library.add(
        model,
        [
            photo("/photos/a", "h1", X),
            photo("/photos/copy of a", "h1", None),
            photo("/other/b", "h2", Y),
            photo("/other/gone", "h3", Y),
            photo("/photos/c", "h4", X),
        ],
    )
    library.mark_missing(["/other/gone"])
    assert library.models.lacking(model) == {}
    assert library.models.lacking(LARGE) == {"/photos": 2, "/other": 1}
    library.add(LARGE, [photo("/photos/c", "h4", X)])
    assert library.models.lacking(LARGE) == {"/photos": 1, "/other": 1}


@pytest.mark.parametrize("page", [1, 2, 1000])
def test_files_lacking_come_photo_by_photo(
    library: Library, model: ModelRef, photo: Photo, page: int
) -> None:
    library.add(
        model,
        [
            photo("/photos/a", "h1", X, size=5, mtime_ns=7),
            photo("/photos/b", "h2", Y),
            photo("/photos/copy of a", "h1", None),
            photo("/photos/gone", "h3", Y),
            photo("/photos/d", "h4", Y),
        ],
    )
    library.mark_missing(["/photos/gone"])
    library.add(LARGE, [photo("/photos/d", "h4", Y)])
    assert list(library.models.files_lacking(LARGE, page)) == [
        [FileState("/photos/a", 5, 7), FileState("/photos/copy of a", 1, 1)],
        [FileState("/photos/b", 1, 1)],
    ]


def test_embeddings_are_added_and_nothing_else_is_touched(
    library: Library, model: ModelRef, photo: Photo
) -> None:
    library.add(model, [photo("/photos/a", "h1", X, size=5, mtime_ns=7), photo("/photos/b", "h2", Y)])
    before = (library.known_files("/photos"), library.photos([1, 2]))
    library.models.add_embeddings(LARGE, {1: np.array(Y, dtype=np.float32)})
    library.models.add_embeddings(LARGE, {1: np.array(X, dtype=np.float32)})
    kept = library.embedding(1, LARGE)
    assert kept is not None
    assert kept.tolist() == Y, "one that is there stays"
    assert (library.known_files("/photos"), library.photos([1, 2])) == before
    assert (library.models.active(), library.models.lacking(LARGE)) == (model, {"/photos": 1})
