"""Embeddings and FAISS files that do not hold what they should."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from storage import index_writing
from storage.checkup import check_up
from storage.embeddings import IndexFileRecord
from storage.finding import Finding
from storage.library import Library
from storage.records import ModelRef, NewPhoto

Sql = Callable[..., list[tuple[object, ...]]]
FILE = "index-00112233aabbccdd.faiss"


def examined(folder: Path, *, repair: bool = True) -> dict[str, Finding]:
    return {finding.check: finding for finding in check_up(folder, repair=repair) if finding.state != "ok"}


@pytest.mark.parametrize(
    "vector",
    [
        b"short",
        np.array([np.nan, 0, 0, 0], "<f2").tobytes(),
        np.array([0, 0, 0, 0], "<f2").tobytes(),
        np.array([2, 0, 0, 0], "<f2").tobytes(),
    ],
)
def test_a_damaged_embedding_is_removed_and_made_again(
    filled: Path, sql: Sql, vector: bytes, model: ModelRef, photo: Callable[..., NewPhoto], tmp_path: Path
) -> None:
    sql("UPDATE embeddings SET vector = ? WHERE photo_id = 2", vector)
    looked = examined(filled, repair=False)
    assert looked["embeddings"].found == ("1 of 3 embeddings of mini are damaged: removed, to be made again")
    assert {finding.state for finding in looked.values()} == {"to do"}
    assert sql("SELECT count(*) FROM embeddings") == [(3,)]
    reader = Library.open(filled)
    before = reader.index(model).ids.tolist()
    found = examined(filled)
    assert {check: finding.state for check, finding in found.items()} == {
        "embeddings": "repaired",
        "coverage": "to do",
        "index files": "repaired",
    }
    assert found["coverage"].found.startswith(f"1 photos in {tmp_path / 'photos'} are not embedded by mini")
    with Library.open(filled, write=True) as library:
        assert library.index(model).ids.tolist() == [1, 3]
        library.add(model, [photo(tmp_path / "photos" / "2.jpg", "h2", [0, 0, 0, 1])])
    assert before == [1, 2, 3], "from the FAISS file"
    with reader:
        index = reader.index(model)
        assert index.ids.tolist() == [1, 2, 3], "a search that goes on all the time has the new one"
        assert index.vectors(np.array([2])).tolist() == [[0, 0, 0, 1]]
    assert examined(filled) == {}


def test_most_of_a_model_damaged_is_another_fault_and_nothing_is_removed(filled: Path, sql: Sql) -> None:
    sql("UPDATE models SET dim = 5")
    found = examined(filled)
    assert found["embeddings"].found == "3 of 3 embeddings of mini are damaged"
    assert "bridgelens restore FILE" in found["embeddings"].advice
    assert sql("SELECT count(*) FROM embeddings") == [(3,)]


def test_a_photo_that_the_active_model_lacks_is_told(
    filled: Path, photo: Callable[..., NewPhoto], tmp_path: Path
) -> None:
    with Library.open(filled, write=True) as library:
        other = ModelRef("ffff", "other", 4)
        library.add(other, [photo(tmp_path / "photos" / "4.jpg", "h4", [1, 0, 0, 0])])
        library.save_index(other)
    found = examined(filled)
    assert found.keys() == {"coverage"}
    assert found["coverage"].advice == "run `bridgelens index FOLDER` with these folders"


def cut(folder: Path) -> None:
    path = folder / FILE
    path.write_bytes(path.read_bytes()[:-1])


def remove(folder: Path) -> None:
    (folder / FILE).unlink()


def swap_vectors(folder: Path) -> None:
    put(folder, [1, 2, 3], np.eye(4, dtype=np.float32)[[1, 0, 2]])


def lack_one(folder: Path) -> None:
    put(folder, [1, 3], np.eye(4, dtype=np.float32)[[0, 2]])


def hold_another(folder: Path) -> None:
    put(folder, [1, 2, 3, 4], np.eye(4, dtype=np.float32))


def shorten(folder: Path) -> None:
    put(folder, [1, 2, 3], np.eye(3, dtype=np.float32))


def put(folder: Path, ids: list[int], vectors: np.ndarray) -> None:
    """Save another index with a checksum that fits it, as if it were right."""
    checksum = index_writing.write(folder / FILE, vectors.shape[1], len(ids), [vectors], [np.array(ids)])
    with Library.open(folder, write=True) as library:
        library._embeddings.record_index_file(1, IndexFileRecord(2, checksum, len(ids), 3))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (cut, "has checksum"),
        (remove, "cannot be read: No such file"),
        (swap_vectors, "holds other vectors than the rows"),
        (lack_one, "lacks photo 2"),
        (hold_another, "holds more than the rows"),
        (shorten, "holds vectors of length 3, and 4 is expected"),
    ],
)
def test_a_faiss_file_that_differs_from_the_rows_is_made_anew(
    filled: Path, model: ModelRef, damage: Callable[[Path], None], words: str
) -> None:
    damage(filled)
    looked = examined(filled, repair=False)
    assert looked.keys() == {"index files"}
    assert words in looked["index files"].found
    assert examined(filled)["index files"].state == "repaired"
    assert examined(filled) == {}
    with Library.open(filled) as library:
        assert library.index(model).vectors(np.array([1, 2, 3])).tolist() == np.eye(4)[:3].tolist()


def test_rows_that_came_after_the_file_are_no_fault(
    filled: Path, model: ModelRef, photo: Callable[..., NewPhoto], tmp_path: Path
) -> None:
    with Library.open(filled, write=True) as library:
        library.add(model, [photo(tmp_path / "photos" / "4.jpg", "h4", [0, 0, 0, 1])])
    assert examined(filled) == {}


@pytest.fixture
def compressed(filled: Path, model: ModelRef) -> Path:
    """The library with its index saved as that of a large one."""
    with Library.open(filled, write=True, exact_limit=2) as library:
        library.save_index(model)
    return filled


def test_a_compressed_index_near_its_rows_is_whole(compressed: Path) -> None:
    found = {finding.check: finding for finding in check_up(compressed, repair=True)}["index files"]
    assert found.state == "ok"
    assert found.found.startswith("1 hold what the rows hold (mini: IVF2,SQ8, ")


def test_a_compressed_index_of_other_vectors_is_made_anew(
    compressed: Path, sql: Sql, model: ModelRef
) -> None:
    turned = np.array([0, 0, 0, 1], "<f2").tobytes()
    sql("UPDATE embeddings SET vector = ? WHERE photo_id = 2", turned)
    looked = examined(compressed, repair=False)["index files"]
    assert looked.found.startswith(f"{FILE} holds other vectors than the rows")
    assert examined(compressed)["index files"].state == "repaired"
    assert examined(compressed) == {}
    with Library.open(compressed) as library:
        assert library.index(model).vectors(np.array([2])).tolist() == [[0, 0, 0, 1]]
