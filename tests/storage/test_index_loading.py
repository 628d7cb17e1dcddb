import os
from pathlib import Path

import faiss
import numpy as np
import pytest

from storage import index_description
from storage.compressed_index import CompressedIndex
from storage.compressed_writing import build
from storage.errors import IndexDamaged
from storage.index_loading import check, load
from storage.index_writing import digest
from storage.vector_index import VectorIndex

TENTHS = np.arange(60) / 10
CIRCLE = np.stack([np.cos(TENTHS), np.sin(TENTHS)], axis=1).astype(np.float32)
QUERY = CIRCLE[:1]  # along x


@pytest.fixture
def index() -> VectorIndex:
    """Photos 10, 20 and 30, each a tenth of a radian further from x."""
    made = VectorIndex(2)
    made.add(np.array([10, 20, 30]), CIRCLE[:3])
    return made


def save(index: VectorIndex, path: Path) -> str:
    """Write the file as FAISS does; its checksum."""
    whole = faiss.serialize_index(index._index).tobytes()
    path.write_bytes(whole)
    checksum = digest()
    checksum.update(whole)
    return checksum.hexdigest()


def test_a_saved_index_is_the_same_when_loaded(index: VectorIndex, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.faiss")
    loaded = load(path, save(index, path))
    assert (loaded.dim, loaded.ids.tolist()) == (2, [10, 20, 30])
    assert loaded.search(QUERY, 3)[0].tolist() == index.search(QUERY, 3)[0].tolist()
    loaded.add(np.array([40]), QUERY)
    assert loaded.remove(np.array([10])) == 1
    assert [path.name for path in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "gone"])
def test_a_damaged_file_is_told(index: VectorIndex, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "index.faiss"
    checksum = save(index, path)
    whole = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        flipped = whole[:-1] + bytes([whole[-1] ^ 1])
        path.write_bytes({"cut": whole[:-8], "flipped": flipped, "empty": b""}[damage])
    with pytest.raises(IndexDamaged, match=r"index\.faiss"):
        load(path, checksum)
    with pytest.raises(IndexDamaged, match=r"index\.faiss"):
        check(path, checksum)


def test_another_kind_of_index_is_refused(tmp_path: Path) -> None:
    made = VectorIndex(2)
    made._index = faiss.IndexFlatIP(2)
    checksum = save(made, tmp_path / "index.faiss")
    with pytest.raises(IndexDamaged, match="holds a IndexFlatIP, and an IndexIDMap2 is expected"):
        load(tmp_path / "index.faiss", checksum)


def test_a_compressed_index_is_searched_as_its_file_says(tmp_path: Path) -> None:
    path = tmp_path / "index.faiss"
    checksum = build(path, 2, 60, lambda: [(np.arange(60), CIRCLE)])
    check(path, checksum)
    loaded, described = load(path, checksum), index_description.read(path)
    assert isinstance(loaded, CompressedIndex)
    assert described is not None
    assert next(loaded._widening(None)).nprobe == described.probes
    assert loaded.ids.tolist() == list(range(60))


def test_a_description_of_another_kind_is_refused(index: VectorIndex, tmp_path: Path) -> None:
    path = tmp_path / "index.faiss"
    save(index, path)
    described = index_description.IndexDescription("IVF8,SQ8", 3, 1, 1, 3, 3, 40)
    whole = path.read_bytes() + index_description.to_bytes(described)
    path.write_bytes(whole)
    checksum = digest()
    checksum.update(whole)
    with pytest.raises(IndexDamaged, match="holds a IndexIDMap2, and an IndexIVF is expected"):
        load(path, checksum.hexdigest())
