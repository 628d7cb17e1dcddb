"""What a run has to do: the folders set against the library, before any file is opened."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import TypeVar

from indexer.errors import FolderUnreadable, NoPhotos
from indexer.scan import PHOTO_SUFFIXES, changes, scan
from storage.errors import ModelMismatch
from storage.library import Library
from storage.records import Failure, FileState, KnownFile, ModelRef
from storage.vector_index import VectorIndex

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done in the folders of a run.

    Attributes:
        folders: The roots that are walked, absolute.
        known: The library's files under them, by path.
        to_read: Files to read, in the order they were found: new, changed, not yet embedded by this model.
        unchanged: Number of known files with the size and time they had that are not read.
        returned: Paths of unchanged files that were missing.
        vanished: Files that were there at the last look and are gone.
        unlisted: Folders (and files) that could not be looked at in this scan.
        failing: Unchanged files that could not be read before; they are not read again.
        mended: Paths of failures that are no longer: the file is gone or as it was when it could be read,
            or the folder can be listed again.
        offline: Folders in which nothing is left of what the library knew.
    """

    folders: tuple[Path, ...]
    known: dict[str, KnownFile]
    to_read: tuple[FileState, ...]
    unchanged: int
    returned: tuple[str, ...]
    vanished: tuple[KnownFile, ...]
    unlisted: tuple[Failure, ...]
    failing: tuple[Failure, ...]
    mended: tuple[str, ...]
    offline: tuple[str, ...]


def make_plan(
    folders: Sequence[Path], library: Library, model: ModelRef, stop: threading.Event
) -> Plan | None:
    """Scan the folders, as `outermost` gives them, and compare; None when stopped before the scan had ended.

    Raises:
        FolderUnreadable: when one of the folders themselves can no longer be listed.
        NoPhotos: when the folders hold no photo and the library knows of none in them.
    """
    unlisted: dict[str, Failure] = {}

    def tell(path: str, error: OSError) -> None:
        reason = f"cannot be listed: {error.strerror or error}"
        unlisted[path] = Failure(path, reason, datetime.now(UTC), 0, 0)

    found = list(takewhile(lambda _: not stop.is_set(), scan(folders, library.folder, tell)))
    if stop.is_set():
        return None  # half a scan makes half the library look as if it had gone
    _refuse_unlisted_roots(folders, unlisted)
    known = _merged(map(library.known_files, map(os.fspath, folders)))
    if not found and not known and not unlisted:
        raise NoPhotos(tuple(map(os.fspath, folders)), PHOTO_SUFFIXES)

    diff = changes(found, known)
    failed_before = _merged(map(library.known_failures, map(os.fspath, folders)))
    failing = {
        file.path: failed_before[file.path]
        for file in (*diff.new, *diff.changed)
        if _still(file, failed_before)
    }
    bare = _not_embedded(library, model, known, (*diff.unchanged, *diff.returned))
    wanted = {file.path for file in (*diff.new, *diff.changed, *bare)} - failing.keys()
    offline = _offline(folders, found, known)
    unseen = (*offline, *unlisted)
    settled = failing.keys() | wanted  # unchanged, or about to be read again
    return Plan(
        folders=tuple(folders),
        known=known,
        to_read=tuple(file for file in found if file.path in wanted),
        unchanged=sum(file.path not in wanted for file in (*diff.unchanged, *diff.returned)),
        returned=tuple(file.path for file in diff.returned),
        vanished=tuple(file for file in diff.vanished if not is_inside(file.path, unseen)),
        unlisted=tuple(unlisted.values()),
        failing=tuple(failing.values()),
        mended=tuple(path for path in failed_before if path not in settled and not is_inside(path, unseen)),
        offline=offline,
    )


def _refuse_unlisted_roots(folders: Sequence[Path], unlisted: Mapping[str, Failure]) -> None:
    for folder in map(os.fspath, folders):
        if folder in unlisted:  # it could be listed a moment ago, so a disk has just gone
            raise FolderUnreadable(folder, unlisted[folder].reason)


def _merged(parts: Iterable[Mapping[str, Value]]) -> dict[str, Value]:
    return {path: value for part in parts for path, value in part.items()}


def _still(file: FileState, failed_before: Mapping[str, Failure]) -> bool:
    """Whether the file failed before and looks as it did then."""
    failure = failed_before.get(file.path)
    return failure is not None and (failure.size, failure.mtime_ns) == (file.size, file.mtime_ns)


def _not_embedded(
    library: Library, model: ModelRef, known: Mapping[str, KnownFile], files: Iterable[FileState]
) -> list[FileState]:
    """One file of each photo that this model has not embedded, as after a change of the model."""
    try:
        embedded = library.index(model)
    except ModelMismatch:
        embedded = VectorIndex(model.dim)
    bare: dict[int, FileState] = {}
    for file in files:
        photo_id = known[file.path].photo_id
        if photo_id not in embedded:
            bare.setdefault(photo_id, file)
    return list(bare.values())


def _offline(
    folders: Sequence[Path], found: Iterable[FileState], known: Mapping[str, KnownFile]
) -> tuple[str, ...]:
    """The folders that had photos at the last look and have none at all now."""
    present = [path for path, file in known.items() if not file.missing]
    empty = [
        folder
        for folder in map(os.fspath, folders)
        if not any(is_inside(file.path, [folder]) for file in found)
    ]
    return tuple(folder for folder in empty if any(is_inside(path, [folder]) for path in present))


def is_inside(path: str, folders: Iterable[str]) -> bool:
    """Whether the path is one of the folders or lies in one of them."""
    return any(path == folder or path.startswith(os.path.join(folder, "")) for folder in folders)
