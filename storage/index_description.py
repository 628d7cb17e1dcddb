"""What a compressed index file says of itself, at its end: how it was made, and how it is to be searched.

FAISS reads a file up to the end of its index, and does not look at what follows.
"""

import json
import os
import struct
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from storage.errors import IndexDamaged

_MARK = b"bridgelens index\x00\x01"
_END = struct.Struct("<Q18s")  # the length of the JSON before it, and the mark


@dataclass(frozen=True, slots=True)
class IndexDescription:
    """How a compressed index was made.

    Attributes:
        kind: Its name in FAISS's `index_factory`.
        count: How many vectors it holds.
        probes: How many of its lists a search looks through.
        recall: The share of the 100 exactly nearest that lie in them, measured when it was trained.
        measured_on: On how many of the library's own photos.
        trained_on: How many photos the library had then.
        lists_at: Where in the file, in bytes, FAISS's inverted lists begin; a trained index is before them.
    """

    kind: str
    count: int
    probes: int
    recall: float
    measured_on: int
    trained_on: int
    lists_at: int

    def __str__(self) -> str:
        """As the status shows it."""
        probes = f"{self.probes:,} probe{'s' if self.probes > 1 else ''}"
        measured = f"recall@100 {self.recall:.3f} measured on {self.measured_on:,} of its own photos"
        return f"{self.kind}, {probes}, {measured}"


def to_bytes(description: IndexDescription) -> bytes:
    """What is put at the end of the file."""
    text = json.dumps(asdict(description)).encode()
    return text + _END.pack(len(text), _MARK)


def read(path: Path) -> IndexDescription | None:
    """What the file says of itself; None where it is an exact index, or there is no file.

    Raises:
        IndexDamaged: It has the mark of such a file, and does not say what it should.
    """
    try:
        with open(path, "rb") as file:
            return read_from(file)
    except OSError:
        return None


def read_from(file: BinaryIO) -> IndexDescription | None:
    """As `read`, of an open file, which is left at no place in particular."""
    size = file.seek(0, os.SEEK_END)
    if size < _END.size:
        return None
    file.seek(size - _END.size)
    length, mark = _END.unpack(file.read(_END.size))
    if mark != _MARK:
        return None
    if length > size - _END.size:
        raise IndexDamaged(f"{file.name} ends in a description of {length:,} bytes, and has {size:,} in all")
    file.seek(size - _END.size - length)
    try:
        return IndexDescription(**json.loads(file.read(length)))
    except (ValueError, TypeError) as problem:
        raise IndexDamaged(f"{file.name} ends in a description that cannot be read: {problem}") from problem
