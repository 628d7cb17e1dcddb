import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from storage.catalog import Catalog
from storage.database import Database
from storage.embeddings import Embeddings
from storage.errors import LibraryUnwritable
from storage.index_file import IndexFile, IndexLag
from storage.records import ModelRef, NewPhoto

X, Y = [1, 0, 0, 0], [0, 1, 0, 0]
QUERY = np.array([X], dtype=np.float32)


@pytest.fixture
def catalog(database: Database, model: ModelRef, photo: Callable[..., NewPhoto]) -> Catalog:
    """Two photos, neither in an index file yet."""
    made = Catalog(database)
    made.add_root("/photos")
    made.add(model, [photo("/photos/a", "h1", X), photo("/photos/b", "h2", Y)])
    return made


def opened(database: Database, model: ModelRef) -> IndexFile:
    return IndexFile(database.path.parent, Embeddings(database), 1, model)


def in_file(index_file: IndexFile) -> list[int]:
    """The ids that come from the file, before any are read from the rows."""
    return [int(photo_id) for photo_id in index_file._load().ids]


def test_without_a_file_the_index_is_built_from_rows(
    catalog: Catalog, database: Database, model: ModelRef
) -> None:
    index_file = opened(database, model)
    assert in_file(index_file) == []
    scores, ids = index_file.level().search(QUERY, 2)
    assert (ids.tolist(), scores.tolist()) == ([[1, 2]], [[1, 0]])
    assert not index_file.path.exists()


def test_a_saved_file_is_read_and_caught_up(
    catalog: Catalog, database: Database, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    opened(database, model).save()
    catalog.add(model, [photo("/photos/c", "h3", X)])
    index_file = opened(database, model)
    assert in_file(index_file) == [1, 2]
    assert index_file.level().ids.tolist() == [1, 2, 3]
    index_file.save()
    assert in_file(opened(database, model)) == [1, 2, 3]
    record = Embeddings(database).index_file(1)
    assert record is not None
    assert (record.generation, record.count, record.last_embedding_id) == (2, 3, 3)


def test_an_open_index_sees_later_rows(
    catalog: Catalog, database: Database, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    index_file = opened(database, model)
    assert len(index_file.level()) == 2
    catalog.add(model, [photo("/photos/c", "h3", X), photo("/photos/d", "h1", None)])
    assert index_file.level().ids.tolist() == [1, 2, 3]


def test_saving_needs_no_index_in_memory(catalog: Catalog, database: Database, model: ModelRef) -> None:
    index_file = opened(database, model)
    index_file.save()
    assert index_file._index is None
    assert in_file(index_file) == [1, 2]


def test_how_far_a_file_is_behind(
    catalog: Catalog, database: Database, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    index_file = opened(database, model)
    assert index_file.lag() == IndexLag(embedded=2, lacking=2)
    index_file.save()
    assert index_file.lag() == IndexLag(embedded=2)
    catalog.add(model, [photo("/photos/c", "h3", X)])
    assert index_file.lag() == IndexLag(embedded=3, lacking=1)
    index_file.path.write_bytes(b"")
    assert index_file.lag() == IndexLag(embedded=3, lacking=3, damaged=True)


def test_damage_within_a_file_is_known_once_it_was_read(
    catalog: Catalog, database: Database, model: ModelRef
) -> None:
    opened(database, model).save()
    index_file = opened(database, model)
    content = bytearray(index_file.path.read_bytes())
    content[-1] ^= 1
    index_file.path.write_bytes(content)
    assert not index_file.lag().damaged
    assert index_file.level().ids.tolist() == [1, 2]
    assert index_file.lag() == IndexLag(embedded=2, lacking=2, damaged=True)


@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_file_of_another_size_is_written_anew_though_nobody_searched(
    catalog: Catalog, database: Database, model: ModelRef, damage: str
) -> None:
    before = opened(database, model)
    before.save()
    whole = before.path.read_bytes()
    before.path.unlink() if damage == "gone" else before.path.write_bytes(whole[:50])
    opened(database, model).save()
    assert before.path.read_bytes() == whole


def test_a_file_that_lacks_nothing_is_not_written(
    catalog: Catalog, database: Database, model: ModelRef
) -> None:
    opened(database, model).save()
    index_file = opened(database, model)
    written = index_file.path.stat().st_mtime_ns
    index_file.save()
    assert index_file.path.stat().st_mtime_ns == written


@pytest.mark.parametrize("damage", ["flipped", "cut", "gone"])
def test_a_damaged_file_is_rebuilt_from_rows(
    catalog: Catalog, database: Database, model: ModelRef, damage: str
) -> None:
    before = opened(database, model)
    before.save()
    whole = before.path.read_bytes()
    flipped = whole[:40] + bytes([whole[40] ^ 255]) + whole[41:]
    before.path.unlink()
    if damage != "gone":
        before.path.write_bytes({"flipped": flipped, "cut": whole[:50]}[damage])
    index_file = opened(database, model)
    assert in_file(index_file) == []
    assert index_file.level().ids.tolist() == [1, 2]
    index_file.save()
    assert index_file.path.read_bytes() == whole
    assert in_file(opened(database, model)) == [1, 2]


def test_a_file_of_another_library_state_is_not_believed(
    catalog: Catalog, database: Database, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    index_file = opened(database, model)
    index_file.save()
    older = index_file.path.read_bytes()
    catalog.add(model, [photo("/photos/c", "h3", X)])
    index_file.save()
    index_file.path.write_bytes(older)  # As when a backup of the one file is put back.
    assert opened(database, model).level().ids.tolist() == [1, 2, 3]


CRASH = """
import os, signal, sys
from pathlib import Path
from storage.database import Database
from storage.embeddings import Embeddings
from storage.index_file import IndexFile, IndexLag
from storage.records import ModelRef

class Dying(Embeddings):
    def record_index_file(self, model_id, record):
        os.kill(os.getpid(), signal.SIGKILL)

database = Database(Path(sys.argv[1]), write=True)
IndexFile(database.path.parent, Dying(database), 1, ModelRef(sys.argv[2], "mini", 4)).save()
"""


def test_a_crash_between_the_file_and_its_record(
    catalog: Catalog,
    database: Database,
    model: ModelRef,
    photo: Callable[..., NewPhoto],
    child: Callable[..., "subprocess.Popen[str]"],
) -> None:
    opened(database, model).save()
    catalog.add(model, [photo("/photos/c", "h3", X)])
    assert child(CRASH, database.path, model.fingerprint).wait() == -9
    index_file = opened(database, model)
    assert in_file(index_file) == []  # The checksum in the row is the older file's.
    assert index_file.level().ids.tolist() == [1, 2, 3]


def test_a_full_disk_is_told(catalog: Catalog, database: Database, model: ModelRef) -> None:
    index_file = opened(database, model)
    Path(f"{index_file.path}.part").symlink_to("/dev/full")
    with pytest.raises(LibraryUnwritable, match="No space left on device; no photo is lost"):
        index_file.save()
    assert Embeddings(database).index_file(1) is None
