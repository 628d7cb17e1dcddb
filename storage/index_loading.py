"""A FAISS file to the index in memory, of whichever kind it is, once its checksum has been found right."""

import hashlib
from pathlib import Path
from typing import BinaryIO

import faiss

from storage import index_description
from storage.compressed_index import CompressedIndex, Rows
from storage.errors import IndexDamaged
from storage.index_writing import digest
from storage.vector_index import VectorIndex


def check(path: Path, checksum: str) -> None:
    """See whether a file is whole.

    Raises:
        IndexDamaged: It is absent, or its bytes are not those of the checksum.
    """
    try:
        with open(path, "rb") as file:
            _check(file, checksum)
    except OSError as problem:
        raise IndexDamaged(f"{path} cannot be read: {problem.strerror}") from problem


def load(path: Path, checksum: str, rows: Rows | None = None) -> VectorIndex:
    """Read an index that `storage.index_writing` or `storage.compressed_writing` wrote.

    Args:
        path: The file.
        checksum: Of all of its bytes.
        rows: Where a compressed index finds exact embeddings; without them its similarities are near.

    Raises:
        IndexDamaged: It is absent, its bytes are not those of the checksum, or it is of no kind of ours.
    """
    try:
        with open(path, "rb") as file:
            _check(file, checksum)
            described = index_description.read_from(file)
            file.seek(0)
            # The stubs of faiss 1.15 leave out the callback.
            index = faiss.read_index(faiss.PyCallbackIOReader(file.read))  # type: ignore[attr-defined]
    except OSError as problem:
        raise IndexDamaged(f"{path} cannot be read: {problem.strerror}") from problem
    if described is not None and isinstance(index, faiss.IndexIVF):
        return CompressedIndex(index, described.probes, rows)
    if described is None and isinstance(index, faiss.IndexIDMap2):
        return VectorIndex.of_flat(index)
    expected = "IndexIDMap2" if described is None else "IndexIVF"
    raise IndexDamaged(f"{path} holds a {type(index).__name__}, and an {expected} is expected")


def _check(file: BinaryIO, checksum: str) -> None:
    """First of all the checksum: FAISS trusts the sizes it reads, and a damaged one can crash it."""
    found = hashlib.file_digest(file, digest).hexdigest()  # type: ignore[arg-type]
    if found != checksum:
        raise IndexDamaged(f"{file.name} has checksum {found}, and {checksum} is expected")
