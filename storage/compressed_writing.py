"""A compressed index file written straight from rows: trained on a sample, its lists gathered on the disk.

The memory it takes is that of the sample and of some bytes a photo; the vectors are never all in it.
"""

import math
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import faiss
import numpy as np

from storage.compressed_lists import HEAD, Filed, Source, header, spooled, trained
from storage.index_description import IndexDescription, to_bytes
from storage.index_writing import whole_file
from storage.photo_set import PhotoSet
from storage.probes import Probing
from storage.records import Ids, Vector

Rows: TypeAlias = Iterable[tuple[Ids, Vector]]
"""Photo ids, int64, (n,), and their vectors, float32, (n, dim), unit L2 norm, in parts."""

TRAINING = 32
"""Photos for each list that its centre is learned from."""
COMPARED = 256
"""Vectors that training compares with the centres at a time; 4,096, as FAISS has it, would take 16 MiB."""
PROBED = 200
"""The library's own photos on which it is measured how many lists a search has to look through."""


def build(path: Path, dim: int, count: int, rows: Callable[[], Rows]) -> str:
    """Train an index on `count` rows and write it; the checksum of its bytes.

    Raises:
        OSError: The folder cannot be written to, or the disk is full; what was there before stays.
    """
    lists = list_count(count)
    kind = f"IVF{lists},SQ8"
    index = faiss.index_factory(dim, kind, faiss.METRIC_INNER_PRODUCT)
    assert isinstance(index, faiss.IndexIVF)
    # FAISS warns of fewer than 39 a list.
    index.cp.min_points_per_centroid, index.cp.max_points_per_centroid = 1, TRAINING
    learned, probed = _samples(rows(), count, [TRAINING * lists, PROBED])
    _train(index, learned)
    del learned
    probing = Probing(probed, index)
    with tempfile.TemporaryFile(dir=path.parent) as file:
        new = spooled(index, file, rows(), probing.look_at)
        probes, recall = probing.needed()
        described = IndexDescription(kind, count, probes, recall, len(probing), count, lists_at=0)
        return _write(path, index, described, [new])


def extend(path: Path, before: IndexDescription, kept: PhotoSet, rows: Rows) -> str:
    """Write an index anew with some of its photos and with further ones; nothing is trained again.

    Args:
        path: The file, whose checksum was found right.
        before: What it says of itself.
        kept: The photos of which it keeps the vector it has.
        rows: What is added.

    Raises:
        OSError: The folder cannot be written to, or the disk is full; what was there before stays.
        IndexDamaged: There is another kind of index in the file.
    """
    index, old = trained(path, before), Filed(path, before, kept)
    with tempfile.TemporaryFile(dir=path.parent) as file:
        return _write(path, index, before, [old, spooled(index, file, rows)])


def _train(index: faiss.IndexIVF, learned: Vector) -> None:
    """Find the lists' centres."""
    usual = faiss.cvar.distance_compute_blas_query_bs
    faiss.cvar.distance_compute_blas_query_bs = COMPARED
    try:
        index.train(learned)
    finally:
        faiss.cvar.distance_compute_blas_query_bs = usual


def list_count(count: int) -> int:
    """How many lists so many vectors, at least 1, are put in: four times their root, as a power of two.

    Fewer than 16 are put in at most as many lists.
    """
    return min(1 << round(math.log2(4 * math.sqrt(count))), 1 << (count.bit_length() - 1))


def _write(path: Path, index: faiss.IndexIVF, described: IndexDescription, sources: list[Source]) -> str:
    lengths = np.sum([source.lengths for source in sources], axis=0)
    count = int(lengths.sum())
    start = header(index, count)
    with whole_file(path) as (put, checksum):
        put(start)
        put(HEAD.pack(b"ilar", index.nlist, index.code_size, b"full", index.nlist))
        put(lengths.astype("<u8").tobytes())
        for parts in zip(*(source.each() for source in sources), strict=True):
            for codes, _ in parts:
                put(codes.tobytes())
            for _, ids in parts:
                put(ids.astype("<i8").tobytes())
        put(to_bytes(replace(described, count=count, lists_at=len(start))))
    return checksum.hexdigest()


def _samples(rows: Rows, count: int, sizes: list[int]) -> list[Vector]:
    """So many of the rows each, drawn evenly and always the same; all of them where they are fewer."""
    random = np.random.default_rng(0)
    drawn = [np.sort(random.choice(count, min(size, count), replace=False)) for size in sizes]
    found: list[list[Vector]] = [[] for _ in sizes]
    start = 0
    for _, vectors in rows:
        for places, sample in zip(drawn, found, strict=True):
            first, last = np.searchsorted(places, [start, start + len(vectors)])
            sample.append(vectors[places[first:last] - start])
        start += len(vectors)
    return [np.concatenate(sample) for sample in found]
