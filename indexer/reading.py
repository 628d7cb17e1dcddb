"""Files to decoded, preprocessed photos: worker threads ahead of the model, never far ahead.

A file is hashed first. Only a content that the library has not embedded is decoded, so files that moved
and copies cost no more than reading them. Pillow lets go of the interpreter while it decodes, so threads
are enough.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from indexer.decode import content_hash, decode, inspect
from indexer.errors import PhotoUnreadable
from indexer.kinds import refuse_without_extra
from storage.library import Library
from storage.records import Failure, FileState, ModelRef, PhotoFacts

Pixels: TypeAlias = NDArray[np.float32]
Prepare: TypeAlias = Callable[[Image.Image], Pixels]
Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Read:
    """A file that was read; `pixels` is float32 (3, H, W), or None when its content is embedded already."""

    file: FileState
    facts: PhotoFacts
    pixels: Pixels | None


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that was not read, and whether its own bytes are to blame."""

    failure: Failure
    lasting: bool


@dataclass(frozen=True, slots=True)
class _Hashed:
    file: FileState
    content_hash: str
    embedded: bool = False


class Reader:
    """Reads files in order, some ahead of the one that is asked for."""

    def __init__(
        self, library: Library, model: ModelRef, prepare: Prepare, *, ahead: int, workers: int = 2
    ) -> None:
        """`prepare` turns an upright RGB photo into pixels, in the worker threads; `ahead` counts photos."""
        self._library, self._model, self._prepare = library, model, prepare
        self._ahead, self._workers = ahead, workers

    def read(self, files: Iterable[FileState]) -> Generator[Read | Unread, None, None]:
        """Every file, in order, as read or unread.

        At most `ahead` photos are decoded and not yet handed out. Closing the iterator waits for the files
        in the workers' hands and drops the rest.
        """
        pool = ThreadPoolExecutor(self._workers, thread_name_prefix="decode")
        try:
            hashed = in_order(pool, _hash, files, self._ahead)
            yield from in_order(pool, self._read, self._looked_up(hashed), self._ahead)
        finally:
            pool.shutdown(cancel_futures=True)

    def _looked_up(self, hashed: Iterator[_Hashed | Unread]) -> Iterator[_Hashed | Unread]:
        """Mark the contents that the library has embedded, asking it about many at a time."""
        while chunk := list(islice(hashed, self._ahead)):
            hashes = [each.content_hash for each in chunk if isinstance(each, _Hashed)]
            known = self._library.photo_ids_by_hash(hashes, self._model)
            for each in chunk:
                if isinstance(each, _Hashed) and known.get(each.content_hash, (0, False))[1]:
                    each = _Hashed(each.file, each.content_hash, embedded=True)
                yield each

    def _read(self, hashed: _Hashed | Unread) -> Read | Unread:
        if isinstance(hashed, Unread):
            return hashed
        try:
            if hashed.embedded:
                seen = inspect(hashed.file.path)
                # Another hash means that the file changed since: then it is decoded like any other.
                if seen.facts.content_hash == hashed.content_hash:
                    file = replace(hashed.file, size=seen.size, mtime_ns=seen.mtime_ns)
                    return Read(file, seen.facts, None)
            decoded = decode(hashed.file.path)
            file = replace(hashed.file, size=decoded.size, mtime_ns=decoded.mtime_ns)
            return Read(file, decoded.facts, self._prepared(file.path, decoded.photo))
        except PhotoUnreadable as error:
            return unread(hashed.file, error)

    def _prepared(self, path: str, photo: Image.Image) -> Pixels:
        try:
            return self._prepare(photo)
        except Exception as error:  # a shape that the model's code does not expect: one photo, not the run
            reason = f"cannot be prepared for the model: {error or type(error).__name__}"
            raise PhotoUnreadable(path, reason, lasting=False) from error


def in_order(
    pool: ThreadPoolExecutor, task: Callable[[Item], Result], items: Iterable[Item], ahead: int
) -> Iterator[Result]:
    """The results of `task` in the order of `items`, with at most `ahead` of them waiting or under way.

    Raises what a task raises, when its turn comes.
    """
    waiting: deque[Future[Result]] = deque()
    for item in items:
        waiting.append(pool.submit(task, item))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def unread(file: FileState, error: PhotoUnreadable) -> Unread:
    """A file's failure as the library keeps it.

    A failure that may pass is kept without the file's size and time, so that it never counts as "unchanged
    since it failed" and the next run tries again.
    """
    size, mtime_ns = (file.size, file.mtime_ns) if error.lasting else (0, 0)
    return Unread(Failure(file.path, error.reason, datetime.now(UTC), size, mtime_ns), error.lasting)


def _hash(file: FileState) -> _Hashed | Unread:
    try:
        refuse_without_extra(file.path)
        return _Hashed(file, content_hash(file.path))
    except PhotoUnreadable as error:
        return unread(file, error)
