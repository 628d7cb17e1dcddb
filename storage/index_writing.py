"""A FAISS file written straight from rows: its size never has to fit into memory."""

import hashlib
import os
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.records import Ids, Vector

# How FAISS lays out IndexIDMap2 over IndexFlatIP: two headers, each with a mark, the dimension, the number of
# vectors, two numbers of no meaning, "is trained", and the metric 0, which is the inner product; then the
# vectors and the ids, each after its length.
# Source: faiss/impl/index_write.cpp, write_index_header, and its cases for IndexFlat and IndexIDMap.
_HEADER = struct.Struct("<4siqqqBi")
_LENGTH = struct.Struct("<Q")


def size(dim: int, count: int) -> int:
    """Bytes of a file of so many vectors of this dimension."""
    return 2 * (_HEADER.size + _LENGTH.size) + count * (4 * dim + 8)


def write(path: Path, dim: int, count: int, vectors: Iterable[Vector], ids: Iterable[Ids]) -> str:
    """Write an exact index so that the file is whole whenever the machine stops; the checksum of its bytes.

    Args:
        path: Where it goes; `storage.index_loading.load` reads it.
        dim: Length of one vector.
        count: How many there are.
        vectors: float32, (n, dim) each, in parts.
        ids: Their photo ids, int64, (n,) each, in the same order, in parts that may be others.

    Raises:
        OSError: The folder cannot be written to, or the disk is full; what was there before stays.
    """
    with whole_file(path) as (put, checksum):
        for mark in (b"IxM2", b"IxFI"):
            put(_HEADER.pack(mark, dim, count, 1 << 20, 1 << 20, 1, 0))
        put(_LENGTH.pack(count * dim))
        for some in vectors:
            put(some.astype("<f4", copy=False).tobytes())
        put(_LENGTH.pack(count))
        for few in ids:
            put(few.astype("<i8", copy=False).tobytes())
    return checksum.hexdigest()


@contextmanager
def whole_file(path: Path) -> Iterator[tuple[Callable[[bytes], None], "hashlib.blake2b"]]:
    """A file that takes its place only when all of it is on the disk: what puts bytes, and their checksum.

    Raises:
        OSError: The folder cannot be written to, or the disk is full; what was there before stays.
    """
    part, checksum = path.with_name(path.name + ".part"), digest()
    with open(part, "wb") as file:

        def put(piece: bytes) -> None:
            checksum.update(piece)
            file.write(piece)

        yield put, checksum
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
    sync_folder(path.parent)


def digest() -> "hashlib.blake2b":
    """The checksum of a FAISS file, before its first byte."""
    return hashlib.blake2b(digest_size=16)


def sync_folder(folder: Path) -> None:
    """Make a rename in the folder last. Windows has no such call, and does it with the rename."""
    if os.name == "nt":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
