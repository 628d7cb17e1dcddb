"""Files to decoded, preprocessed photos: child processes ahead of the model, never far ahead.

A file is hashed first. Only a content that the library has not embedded is decoded, so files that moved
and copies cost no more than reading them. What a child does is a plain function of picklable values.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from indexer.decode import content_hash, decode, inspect
from indexer.errors import PhotoUnreadable, WorkerLost
from indexer.kinds import refuse_without_extra
from indexer.sidecar import sidecars_of
from indexer.workers import Workers
from storage.records import Description, Failure, FileState, ModelRef, PhotoFacts

if TYPE_CHECKING:
    from storage.library import Library  # the children, which import this, need neither SQL nor FAISS

Crop: TypeAlias = NDArray[np.uint8]
NOTHING_SAID = Description()
Item = TypeVar("Item")
Result = TypeVar("Result")


class Preprocessor(Protocol):
    """What of a model's preprocessing is done in the children; it must be picklable."""

    def resized(self, width: int, height: int) -> tuple[int, int]:
        """The size in pixels that an upright photo of this size is resized to."""

    def crop_of(self, photo: Image.Image) -> Crop:
        """An upright RGB photo resized and cropped: uint8 (side, side, 3), the same side for every photo."""


@dataclass(frozen=True, slots=True)
class Read:
    """A file that was read, with what its sidecars say.

    `crop` is uint8 (side, side, 3), or None when its content is embedded already.
    """

    file: FileState
    facts: PhotoFacts
    crop: Crop | None
    sidecar: Description = NOTHING_SAID


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
        self, library: Library, model: ModelRef, preprocessor: Preprocessor, workers: Workers, *, ahead: int
    ) -> None:
        """`ahead` counts photos."""
        self._library, self._model, self._workers, self._ahead = library, model, workers, ahead
        self._read = partial(_read, preprocessor)

    def read(self, files: Iterable[FileState]) -> Generator[Read | Unread, None, None]:
        """Every file, in order, as read or unread.

        At most `ahead` photos are decoded and not yet handed out; what is under way when the iterator is
        closed is finished and dropped.
        """
        hashed = self._survivors(_hash, ((file, file) for file in files))
        looked_up = self._looked_up(hashed)
        yield from self._survivors(self._read, ((each, _file_of(each)) for each in looked_up))

    def _survivors(
        self, task: Callable[[Item], Result], items: Iterable[tuple[Item, FileState]]
    ) -> Iterator[Result | Unread]:
        """The results of `task` in order; that of a child that was lost is the failure of its file."""
        for file, future in in_order(self._workers, task, items, self._ahead):
            try:
                yield future.result()
            except WorkerLost as lost:
                yield unread(file, PhotoUnreadable(file.path, lost.reason, lasting=lost.lasting))

    def _looked_up(self, hashed: Iterator[_Hashed | Unread]) -> Iterator[_Hashed | Unread]:
        """Mark the contents that the library has embedded, asking it about many at a time."""
        while chunk := list(islice(hashed, self._ahead)):
            hashes = [each.content_hash for each in chunk if isinstance(each, _Hashed)]
            known = self._library.photo_ids_by_hash(hashes, self._model)
            for each in chunk:
                if isinstance(each, _Hashed) and known.get(each.content_hash, (0, False))[1]:
                    each = replace(each, embedded=True)
                yield each


def in_order(
    workers: Workers,
    task: Callable[[Item], Result],
    items: Iterable[tuple[Item, FileState]],
    ahead: int,
) -> Iterator[tuple[FileState, Future[Result]]]:
    """Each file with its future, in the order of `items`, with at most `ahead` waiting or under way."""
    waiting: deque[tuple[FileState, Future[Result]]] = deque()
    try:
        for item, file in items:
            waiting.append((file, workers.submit(task, item, file.size)))
            if len(waiting) >= ahead:
                yield waiting.popleft()
        while waiting:
            yield waiting.popleft()
    finally:
        for _, future in waiting:
            future.cancel()


def unread(file: FileState, error: PhotoUnreadable) -> Unread:
    """A file's failure as the library keeps it.

    A failure that may pass is kept without the file's size and time, so that it never counts as "unchanged
    since it failed" and the next run tries again.
    """
    size, mtime_ns = (file.size, file.mtime_ns) if error.lasting else (0, 0)
    return Unread(Failure(file.path, error.reason, datetime.now(UTC), size, mtime_ns), error.lasting)


def _file_of(each: _Hashed | Unread) -> FileState:
    if isinstance(each, _Hashed):
        return each.file
    return FileState(each.failure.path, each.failure.size, each.failure.mtime_ns)


def _hash(file: FileState) -> _Hashed | Unread:
    try:
        refuse_without_extra(file.path)
        return _Hashed(file, content_hash(file.path))
    except PhotoUnreadable as error:
        return unread(file, error)


def _read(preprocessor: Preprocessor, hashed: _Hashed | Unread) -> Read | Unread:
    if isinstance(hashed, Unread):
        return hashed
    try:
        if hashed.embedded:
            seen = inspect(hashed.file.path)
            # Another hash means that the file changed since: then it is decoded like any other.
            if seen.facts.content_hash == hashed.content_hash:
                file = replace(hashed.file, size=seen.size, mtime_ns=seen.mtime_ns)
                return Read(file, seen.facts, None, sidecars_of(file))
        decoded = decode(hashed.file.path, preprocessor.resized)
        file = replace(hashed.file, size=decoded.size, mtime_ns=decoded.mtime_ns)
        crop = cropped(preprocessor, file.path, decoded.photo)
        return Read(file, decoded.facts, crop, sidecars_of(file))
    except PhotoUnreadable as error:
        return unread(hashed.file, error)


def cropped(preprocessor: Preprocessor, path: str, photo: Image.Image) -> Crop:
    """A decoded photo's crop.

    Raises:
        PhotoUnreadable: the model's code does not expect its shape.
    """
    try:
        return preprocessor.crop_of(photo)
    except Exception as error:  # one photo, not the run
        reason = f"cannot be prepared for the model: {error or type(error).__name__}"
        raise PhotoUnreadable(path, reason, lasting=False) from error
