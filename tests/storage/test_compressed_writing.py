import os
from collections.abc import Iterator
from pathlib import Path

import faiss
import numpy as np
import pytest

from storage import index_description
from storage.compressed_writing import build, extend, list_count
from storage.index_loading import load
from storage.photo_set import PhotoSet
from storage.records import Ids, Vector

COUNT, DIM = 500, 8
IDS = np.random.default_rng(1).permutation(2000)[:COUNT].astype(np.int64)


def unit(count: int, dim: int) -> Vector:
    vectors = np.random.default_rng(0).standard_normal((count, dim), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


VECTORS = unit(COUNT, DIM)


def rows(start: int = 0, end: int = COUNT) -> Iterator[tuple[Ids, Vector]]:
    for place in range(start, end, 120):
        yield IDS[place : min(place + 120, end)], VECTORS[place : min(place + 120, end)]


def described(path: Path) -> index_description.IndexDescription:
    found = index_description.read(path)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("count", "lists"), [(1, 1), (3, 2), (15, 8), (16, 16), (100, 32), (100_000, 1024), (1_000_000, 4096)]
)
def test_lists_are_four_times_the_root(count: int, lists: int) -> None:
    assert list_count(count) == lists


def test_the_bytes_are_those_that_faiss_writes(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.faiss")
    build(path, DIM, COUNT, rows)
    index = faiss.index_factory(DIM, "IVF64,SQ8", faiss.METRIC_INNER_PRODUCT)
    assert isinstance(index, faiss.IndexIVF)
    index.cp.min_points_per_centroid, index.cp.max_points_per_centroid = 1, 32
    index.train(VECTORS)
    for photo_ids, vectors in rows():
        index.add_with_ids(vectors, photo_ids)
    theirs = faiss.serialize_index(index).tobytes()
    assert path.read_bytes()[: len(theirs)] == theirs
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_it_says_how_it_was_made(tmp_path: Path) -> None:
    build(tmp_path / "index", DIM, COUNT, rows)
    found = described(tmp_path / "index")
    assert (found.kind, found.count, found.trained_on, found.measured_on) == ("IVF64,SQ8", 500, 500, 200)
    assert 1 <= found.probes <= 64
    assert 0.99 <= found.recall <= 1


@pytest.mark.parametrize("count", [1, 2, 3, 17])
def test_few_photos(tmp_path: Path, count: int) -> None:
    index = load(tmp_path / "index", build(tmp_path / "index", DIM, count, lambda: rows(0, count)))
    assert index.ids.tolist() == sorted(IDS[:count].tolist())


def test_an_extended_index_is_one_that_photos_came_to_and_left(tmp_path: Path) -> None:
    path = tmp_path / "index"
    index = load(path, build(path, DIM, 400, lambda: rows(0, 400)))
    checksum = extend(path, described(path), PhotoSet(IDS[10:400]), rows(400))
    index.add(IDS[400:], VECTORS[400:])
    index.remove(IDS[:10])
    extended = load(path, checksum)
    assert extended.ids.tolist() == index.ids.tolist() == sorted(IDS[10:].tolist())
    assert extended.vectors(IDS[10:]).tolist() == index.vectors(IDS[10:]).tolist()
    assert (described(path).count, described(path).trained_on) == (490, 400)
    checksum = extend(path, described(path), PhotoSet(IDS[10:]), rows(COUNT))
    assert load(path, checksum).ids.tolist() == sorted(IDS[10:].tolist())


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "index"
    checksum = build(path, DIM, COUNT, rows)
    (tmp_path / "index.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        extend(path, described(path), PhotoSet(IDS), rows(COUNT))
    assert len(load(path, checksum)) == COUNT
