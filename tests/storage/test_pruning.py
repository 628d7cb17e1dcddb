from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from storage.library import Library
from storage.pruning import Pruned, Selection
from storage.records import ModelRef, NewPhoto

X, Y = [1, 0, 0, 0], [0, 1, 0, 0]
QUERY = np.array([X], dtype=np.float32)
EARLY, LATE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def filled(library: Library, model: ModelRef, photo: Callable[..., NewPhoto]) -> Library:
    """Photo 1 at a and copy (gone early), 2 at in/b (gone late), 3 at c (gone early), 4 at d."""
    library.add(
        model,
        [
            photo("/photos/a", "h1", X),
            photo("/photos/copy", "h1", None),
            photo("/photos/in/b", "h2", X),
            photo("/photos/c", "h3", X),
            photo("/photos/d", "h4", X),
        ],
    )
    library.mark_missing(["/photos/copy", "/photos/c"], EARLY)
    library.mark_missing(["/photos/in/b"], LATE)
    library.save_index(model)
    return library


@pytest.mark.parametrize(
    ("selection", "pruned", "left", "files"),
    [
        (Selection(), Pruned(3, 2), [1, 4], ["/photos/a", "/photos/d"]),
        (
            Selection(before=datetime(2022, 1, 1, tzinfo=UTC)),
            Pruned(2, 1),
            [1, 2, 4],
            ["/photos/a", "/photos/d", "/photos/in/b"],
        ),
        (
            Selection(folder="/photos/in"),
            Pruned(1, 1),
            [1, 3, 4],
            ["/photos/a", "/photos/c", "/photos/copy", "/photos/d"],
        ),
        (
            Selection(folder="/photos/in", before=datetime(2022, 1, 1, tzinfo=UTC)),
            Pruned(0, 0),
            [1, 2, 3, 4],
            ["/photos/a", "/photos/c", "/photos/copy", "/photos/d", "/photos/in/b"],
        ),
    ],
)
def test_what_is_selected_is_forgotten(
    filled: Library, model: ModelRef, selection: Selection, pruned: Pruned, left: list[int], files: list[str]
) -> None:
    assert filled.prunable(selection) == pruned
    assert len(filled.photos(range(1, 6))) == 4
    assert filled.prune(selection) == pruned
    assert sorted(filled.photos(range(1, 6))) == left
    assert sorted(filled.known_files("/photos")) == files
    assert filled.index(model).ids.tolist() == left
    assert filled.prunable(selection) == Pruned(0, 0)


def test_a_root_that_is_offline_keeps_everything(
    filled: Library, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    filled.add_root(Path("/photos/in"))
    assert filled.prune(Selection(except_roots=("/photos/in",))) == Pruned(2, 1)
    assert sorted(filled.photos(range(1, 6))) == [1, 2, 4]
    assert filled.prune(Selection(except_roots=("/photos",))) == Pruned(1, 1)


def test_a_photo_whose_file_has_another_content_now_goes_when_all_go(
    filled: Library, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    filled.add(model, [photo("/photos/d", "h5", Y, size=2)])
    assert filled.prune(Selection(folder="/photos")) == Pruned(3, 2)
    assert sorted(filled.photos(range(1, 9))) == [1, 4, 5]
    assert filled.prune(Selection()) == Pruned(0, 1)
    assert sorted(filled.photos(range(1, 9))) == [1, 5]


def test_ids_are_never_given_again(filled: Library, model: ModelRef, photo: Callable[..., NewPhoto]) -> None:
    filled.mark_missing(["/photos/a", "/photos/d"])
    assert filled.prune(Selection()) == Pruned(5, 4)
    assert filled.add(model, [photo("/photos/c", "h3", Y)]) == [5]
    assert filled.index(model).ids.tolist() == [5]


def test_the_index_file_is_written_without_them(filled: Library, model: ModelRef) -> None:
    path = filled.folder / f"index-{model.fingerprint}.faiss"
    assert path.stat().st_size == 90 + 4 * (4 * 4 + 8)
    filled.prune(Selection())
    assert path.stat().st_size == 90 + 2 * (4 * 4 + 8)
    with Library.open(filled.folder) as reader:
        assert reader.index(model).ids.tolist() == [1, 4]
    filled.mark_missing(["/photos/a", "/photos/d"])
    filled.prune(Selection())
    assert not path.exists()


def test_a_searcher_that_is_open_finds_them_no_more(
    filled: Library, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    with Library.open(filled.folder) as reader:
        assert reader.index(model).search(QUERY, 9)[1].tolist() == [[1, 2, 3, 4]]
        assert reader.present_photo_ids().tolist() == [1, 4]
        filled.prune(Selection())
        filled.add(model, [photo("/photos/e", "h6", X)])
        assert reader.index(model).search(QUERY, 9)[1].tolist() == [[1, 4, 5]]
        assert not reader.has_missing()
        assert sorted(reader.photos([1, 2, 3, 4, 5])) == [1, 4, 5]


def test_photos_embedded_by_two_models(
    filled: Library, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    large = ModelRef("ffff", "large", 4)
    filled.add(large, [photo("/photos/d", "h4", Y)])
    filled.mark_missing(["/photos/d"], LATE)
    filled.prune(Selection())
    assert filled.status().models == ((model, 1), (large, 0))
