"""The lists of a compressed index on the disk: vectors on their way into them, and those of a file."""

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, TypeAlias

import faiss
import numpy as np
from numpy.typing import NDArray

from storage.errors import IndexDamaged
from storage.index_description import IndexDescription
from storage.photo_set import PhotoSet
from storage.records import Ids, Vector

Codes: TypeAlias = NDArray[np.uint8]
Encoded: TypeAlias = tuple[Codes, Ids]
"""Vectors as an index keeps them, uint8, (n, bytes of a vector), and their photo ids, int64, (n,)."""
LookAt: TypeAlias = Callable[[Vector, Ids], None]

# How FAISS lays out lists, after the header of an IVF index: a mark, how many lists, the bytes of a vector,
# "full", and the length of each list after how many there are; then codes and ids, list by list. Where all
# are empty it writes "sprs" and no length.
# Source: faiss/impl/index_write.cpp, write_InvertedLists.
HEAD = struct.Struct("<4sQQ4sQ")


class Source(Protocol):
    """Vectors by list."""

    @property
    def lengths(self) -> Ids:
        """How many each list has, int64, (lists,)."""

    def each(self) -> Iterator[Encoded]:
        """What each list holds, in their order."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """Vectors that were encoded into a file in the order they came.

    Attributes:
        codes: The file, mapped.
        ids: Their photo ids.
        order: Their places in the order of lists, int64, (n,).
        lengths: As in `Source`.
    """

    codes: Codes
    ids: Ids
    order: Ids
    lengths: Ids

    def each(self) -> Iterator[Encoded]:
        """What each list holds, gathered from all over the file."""
        for places in np.split(self.order, np.cumsum(self.lengths)[:-1]):
            yield self.codes[places], self.ids[places]


class Filed:
    """What the lists of a file that `storage.compressed_writing` wrote hold of some photos.

    The file is open only while it is read: Windows does not let an open one be replaced.
    """

    def __init__(self, path: Path, described: IndexDescription, kept: PhotoSet) -> None:
        """Read the ids of a file whose checksum was found right."""
        self._path, self._kept = path, kept
        with open(path, "rb") as file:
            file.seek(described.lists_at)
            _, lists, self._size, _, _ = HEAD.unpack(file.read(HEAD.size))
            self._held = np.frombuffer(file.read(8 * lists), "<u8").astype(np.int64)
            self._start = file.tell()
        self.lengths = np.array([len(ids) for _, ids in self.each()], np.int64)

    def each(self) -> Iterator[Encoded]:
        """What each list holds."""
        with open(self._path, "rb") as file:
            file.seek(self._start)
            for held in self._held.tolist():
                codes = np.frombuffer(file.read(held * self._size), np.uint8).reshape(held, self._size)
                ids = np.frombuffer(file.read(8 * held), "<i8").astype(np.int64)
                kept = self._kept.holds(ids)
                yield codes[kept], ids[kept]


def spooled(
    index: faiss.IndexIVF, file: BinaryIO, rows: Iterable[tuple[Ids, Vector]], look_at: LookAt | None = None
) -> Spooled:
    """Rows encoded into the file, part by part: photo ids, int64, (n,), and float32, (n, dim), unit L2 norm.

    `look_at` is shown each part's vectors and the numbers of their lists, int64, (n,).
    """
    numbers, ids = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for photo_ids, vectors in rows:
        encoded = index.sa_encode(vectors)
        ahead = encoded.shape[1] - index.code_size  # the number of the list comes before the code
        number = np.zeros((len(encoded), 8), np.uint8)
        number[:, :ahead] = encoded[:, :ahead]
        file.write(encoded[:, ahead:].tobytes())
        numbers.append(number.view("<i8").ravel())
        ids.append(photo_ids)
        if look_at is not None:
            look_at(vectors, numbers[-1])
    file.flush()
    of_list, photo_ids = np.concatenate(numbers), np.concatenate(ids)
    shape = (len(photo_ids), index.code_size)
    codes = np.memmap(file, np.uint8, "r", shape=shape) if len(photo_ids) else np.empty(shape, np.uint8)
    order = np.argsort(of_list, kind="stable")
    return Spooled(codes, photo_ids, order, np.bincount(of_list, minlength=index.nlist))


def header(index: faiss.IndexIVF, count: int) -> bytes:
    """A trained index without vectors as FAISS writes it, up to its lists, as if it held so many."""
    index.ntotal = count
    return faiss.serialize_index(index).tobytes()[: -HEAD.size]


def trained(path: Path, described: IndexDescription) -> faiss.IndexIVF:
    """The index of a file, without its vectors.

    Raises:
        IndexDamaged: There is another kind of index in it.
    """
    with open(path, "rb") as file:
        start = file.read(described.lists_at)
        mark, lists, size, _, _ = HEAD.unpack(file.read(HEAD.size))
    index = faiss.deserialize_index(np.frombuffer(start + HEAD.pack(mark, lists, size, b"sprs", 0), np.uint8))
    if not isinstance(index, faiss.IndexIVF):
        raise IndexDamaged(f"{path} holds a {type(index).__name__}, and an IndexIVF is expected")
    index.ntotal = 0
    return index
