import os
from collections.abc import Iterator
from pathlib import Path

import faiss
import numpy as np
import pytest

from storage.index_loading import load
from storage.index_writing import size, write
from storage.records import Ids, Vector

IDS = np.array([7, 9, 2**40], dtype=np.int64)
VECTORS = np.array([[0.6, 0.8], [1, 0], [0, -1]], dtype=np.float32)


def parts(array: Vector | Ids, length: int) -> Iterator[Vector | Ids]:
    yield from (array[start : start + length] for start in range(0, len(array), length))


@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize("length", [1, 2, 5])
def test_the_bytes_are_those_that_faiss_writes(tmp_path: Path, count: int, length: int) -> None:
    index = faiss.IndexIDMap2(faiss.IndexFlatIP(2))
    index.add_with_ids(VECTORS[:count], IDS[:count])
    faiss.write_index(index, str(tmp_path / "theirs"))
    ours = tmp_path / "ours"
    write(ours, 2, count, parts(VECTORS[:count], length), parts(IDS[:count], length))  # type: ignore[arg-type]
    assert ours.read_bytes() == (tmp_path / "theirs").read_bytes()
    assert ours.stat().st_size == size(2, count)


def test_the_bytes_of_many_vectors(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    vectors = random.standard_normal((1000, 96), dtype=np.float32)
    ids = random.permutation(5000)[:1000].astype(np.int64)
    index = faiss.IndexIDMap2(faiss.IndexFlatIP(96))
    index.add_with_ids(vectors, ids)
    faiss.write_index(index, str(tmp_path / "theirs"))
    write(tmp_path / "ours", 96, 1000, parts(vectors, 300), parts(ids, 700))  # type: ignore[arg-type]
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()


def test_what_is_written_is_read_by_its_checksum(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.faiss")
    checksum = write(path, 2, 3, [VECTORS], [IDS])
    index = load(path, checksum)
    assert index.search(np.array([[1, 0]], dtype=np.float32), 3)[1].tolist() == [[9, 7, 2**40]]
    assert [path.name for path in tmp_path.iterdir()] == [path.name]


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "index.faiss"
    checksum = write(path, 2, 1, [VECTORS[:1]], [IDS[:1]])
    (tmp_path / "index.faiss.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        write(path, 2, 3, [VECTORS], [IDS])
    assert load(path, checksum).ids.tolist() == [7]
