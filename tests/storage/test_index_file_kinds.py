"""A library that grows past the size for which its index is exact, and shrinks again."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from storage import compressed_writing
from storage.catalog import Catalog
from storage.compressed_index import CompressedIndex
from storage.database import Database
from storage.embeddings import Embeddings
from storage.index_file import IndexFile
from storage.pruning import Selection, prune
from storage.records import ModelRef, NewPhoto
from storage.vector_index import VectorIndex

LIMIT = 8
X = np.array([[1, 0, 0, 0]], dtype=np.float32)

Add = Callable[..., None]
Open = Callable[[], IndexFile]


def place(number: int) -> list[float]:
    """Photo 1 is along x, and each further one a twentieth of a right angle further from it."""
    angle = (number - 1) * np.pi / 40
    return [float(np.cos(angle)), float(np.sin(angle)), 0, 0]


@pytest.fixture
def add(database: Database, model: ModelRef, photo: Callable[..., NewPhoto]) -> Add:
    """Add photos with these numbers, which become their ids."""
    catalog = Catalog(database)
    catalog.add_root("/photos")

    def more(first: int, last: int) -> None:
        numbers = range(first, last + 1)
        catalog.add(model, [photo(f"/photos/{n}", f"h{n}", place(n)) for n in numbers])

    return more


@pytest.fixture
def opened(database: Database, model: ModelRef) -> Open:
    """The index file as a program that has just started sees it."""
    return lambda: IndexFile(database.path.parent, Embeddings(database), 1, model, LIMIT)


def forget(database: Database, *photos: int) -> None:
    Catalog(database).mark([f"/photos/{n}" for n in photos], missing=True)
    with database.writing() as connection:
        prune(connection, Selection())


def nearest(index: VectorIndex, k: int) -> list[int]:
    return [int(photo_id) for photo_id in index.search(X, k)[1][0]]


def test_up_to_the_limit_it_is_exact(add: Add, opened: Open) -> None:
    add(1, LIMIT)
    opened().save()
    assert opened().described() is None
    assert not isinstance(opened().level(), CompressedIndex)


def test_a_run_that_ends_beyond_the_limit_writes_the_compressed_kind(add: Add, opened: Open) -> None:
    add(1, 4)
    opened().save()
    add(5, LIMIT + 1)
    index_file = opened()
    assert nearest(index_file.level(), 3) == [1, 2, 3]
    index_file.save()
    described = opened().described()
    assert described is not None
    assert (described.kind, described.count, described.trained_on) == ("IVF8,SQ8", 9, 9)
    for each in (index_file, opened()):  # one has been open all the time, with the exact kind in memory
        index = each.level()
        assert isinstance(index, CompressedIndex)
        assert index.ids.tolist() == list(range(1, 10))
        scores, ids = index.search(X, 9)
        assert ids[0, 0] == 1
        assert scores[0, 0] == 1, "by the embedding in its row"


def test_later_rows_come_without_training(add: Add, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    add(1, 10)
    opened().save()
    monkeypatch.setattr(compressed_writing, "build", None)
    add(11, 20)
    index_file = opened()
    assert index_file.level().ids.tolist() == list(range(1, 21))
    assert index_file.level().search(X, 20, np.array([15, 3, 11]))[1].tolist() == [[3, 11, 15]]
    index_file.save()
    described = opened().described()
    assert described is not None
    assert (described.count, described.trained_on) == (20, 10)
    assert isinstance(opened().level(), CompressedIndex)
    assert opened().level().ids.tolist() == list(range(1, 21))


def test_it_is_trained_again_when_the_library_has_grown_fourfold(add: Add, opened: Open) -> None:
    add(1, 10)
    opened().save()
    add(11, 41)
    opened().save()
    described = opened().described()
    assert described is not None
    assert (described.kind, described.trained_on) == ("IVF32,SQ8", 41)


def test_what_is_forgotten_leaves_the_file_without_training(
    add: Add, opened: Open, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(1, 10)
    opened().save()
    monkeypatch.setattr(compressed_writing, "build", None)
    searching = opened()
    assert len(searching.level()) == 10
    forget(database, 1, 4)
    left = [2, 3, 5, 6, 7, 8, 9, 10]
    assert searching.level().ids.tolist() == left
    assert opened().level().ids.tolist() == left, "the file still has them, and their rows are gone"
    opened().save_or_remove()
    described = opened().described()
    assert described is not None
    assert described.count == 8
    assert opened().level().ids.tolist() == left


def test_a_library_that_shrinks_to_half_the_limit_is_exact_again(
    add: Add, opened: Open, database: Database
) -> None:
    add(1, 10)
    opened().save()
    forget(database, *range(1, 6))
    opened().save()
    assert opened().described() is not None, "five are more than half of eight"
    forget(database, 6)
    opened().save()
    assert opened().described() is None
    assert nearest(opened().level(), 2) == [7, 8]


@pytest.mark.parametrize("damage", ["flipped", "cut", "gone"])
def test_a_damaged_file_is_made_anew(add: Add, opened: Open, damage: str) -> None:
    add(1, 10)
    path = opened().path
    opened().save()
    whole = path.read_bytes()
    path.unlink()
    if damage != "gone":
        flipped = whole[:500] + bytes([whole[500] ^ 255]) + whole[501:]
        path.write_bytes({"flipped": flipped, "cut": whole[:700]}[damage])
    index_file = opened()
    assert nearest(index_file.level(), 10) == list(range(1, 11))
    assert nearest(index_file.level(), 2) == [1, 2], "asked again, with the damage known"
    index_file.save()
    assert path.read_bytes() == whole


def test_damage_is_not_copied_into_a_new_file(add: Add, opened: Open) -> None:
    add(1, 10)
    opened().save()
    path = opened().path
    whole = path.read_bytes()
    path.write_bytes(whole[:500] + bytes([whole[500] ^ 255]) + whole[501:])
    add(11, 12)
    opened().save()  # nobody has searched, so that nobody knows
    described = opened().described()
    assert described is not None
    assert described.trained_on == 12
    assert opened().level().ids.tolist() == list(range(1, 13))


CRASH = """
import os, signal, sys
from pathlib import Path
from storage.database import Database
from storage.embeddings import Embeddings
from storage.index_file import IndexFile
from storage.records import ModelRef

class Dying(Embeddings):
    def record_index_file(self, model_id, record):
        os.kill(os.getpid(), signal.SIGKILL)

database = Database(Path(sys.argv[1]), write=True)
IndexFile(database.path.parent, Dying(database), 1, ModelRef(sys.argv[2], "mini", 4), 8).save()
"""


def test_a_crash_between_the_file_and_its_record(
    add: Add,
    opened: Open,
    database: Database,
    model: ModelRef,
    child: Callable[..., "subprocess.Popen[str]"],
) -> None:
    add(1, 10)
    opened().save()
    add(11, 12)
    assert child(CRASH, database.path, model.fingerprint).wait() == -9
    assert opened().level().ids.tolist() == list(range(1, 13))
    opened().save()
    assert isinstance(opened().level(), CompressedIndex)
    assert sorted(path.name for path in Path(database.path.parent).glob("*.faiss*")) == [opened().path.name]
