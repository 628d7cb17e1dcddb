"""What lies in a folder set against what the library knows of it, file by file, in the memory of one file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from storage.listing import ListedFile
from storage.records import PathState

Pair: TypeAlias = tuple[PathState, ListedFile] | tuple[PathState, None] | tuple[None, ListedFile]


def compare(found: Iterable[PathState], known: Iterable[ListedFile]) -> Iterator[Pair]:
    """Every path once: with the file found there, the file the library knows there, or both.

    Both come in the order of the bytes of their paths, and so do the pairs.
    """
    rows = iter(known)
    row = next(rows, None)
    for file in found:
        path = file[0]
        while row is not None and row[0][0] < path:
            yield None, row
            row = next(rows, None)
        if row is not None and row[0][0] == path:
            yield file, row
            row = next(rows, None)
        else:
            yield file, None
    while row is not None:
        yield None, row
        row = next(rows, None)
