"""What lies in a folder set against what the library knows of it, file by file, in the memory of one file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from storage.listing import ListedFile
from storage.records import FileState

Pair: TypeAlias = tuple[FileState, ListedFile] | tuple[FileState, None] | tuple[None, ListedFile]


def compare(found: Iterable[FileState], known: Iterable[ListedFile]) -> Iterator[Pair]:
    """Every path once: with the file found there, the file the library knows there, or both.

    Both come in the order of the bytes of their paths, and so do the pairs.
    """
    rows = iter(known)
    row = next(rows, None)
    for file in found:
        path = os.fsencode(file.path)
        while row is not None and row.path < path:
            yield None, row
            row = next(rows, None)
        if row is not None and row.path == path:
            yield file, row
            row = next(rows, None)
        else:
            yield file, None
    while row is not None:
        yield None, row
        row = next(rows, None)


def is_same(file: FileState, row: ListedFile) -> bool:
    """Whether a file has the size and the time of last change that it had when the library last read it."""
    return file.mtime_ns == row.mtime_ns and file.size == row.size
