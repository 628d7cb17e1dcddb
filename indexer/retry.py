"""Another try at what could not be read: just those files, by the way every file takes."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from indexer.chosen_files import store_files
from indexer.errors import FolderNotFound, FolderUnreadable, NoPhotos
from indexer.interrupt import stops_on_interrupt
from indexer.pipeline import Encoder, index
from indexer.places import name_places
from indexer.plan import is_inside
from indexer.reading import Read
from indexer.report import Progress, Tally
from indexer.sidecar import changed_ns_beside
from storage.library import Library
from storage.presence import is_offline
from storage.records import Failure, FileState, storable_ns


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of the failures that were tried again.

    Attributes:
        indexed: Files and folders that could be read.
        gone: Files that are no longer there; their failures were forgotten.
        offline: Files in indexed folders that are not there now; their failures were kept.
        failures: What still cannot be read, sorted by path.
        interrupted: Whether the run was stopped before its end; what was not tried is still a failure.
    """

    indexed: int
    gone: int
    offline: int
    failures: tuple[Failure, ...]
    interrupted: bool


def retry(
    failures: Sequence[Failure],
    library: Library,
    model: Encoder,
    *,
    batch_size: int = 32,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    stop: threading.Event | None = None,
) -> Retried:
    """Read these files again, whether they have changed or not, and index the folders that can be listed now.

    Raises:
        StorageError: when the library cannot be written.
    """
    stop = stop or threading.Event()
    away = [root for root in library.roots() if is_offline(root)]
    reachable = [failure.path for failure in failures if not is_inside(failure.path, away)]
    # A link is not followed out of a folder, so a file that has become one is gone.
    there = [path for path in reachable if os.path.lexists(path) and not os.path.islink(path)]
    gone = sorted({*reachable} - {*there})
    folders = [path for path in there if os.path.isdir(path)]
    files = sorted({*there} - {*folders})
    library.forget_failures(gone)
    with stops_on_interrupt(stop):
        indexed, still = _files(files, library, model, batch_size, on_progress, stop)
        for folder in folders:
            if stop.is_set():
                break
            listed, inside = _folder(folder, library, model, batch_size, stop)
            indexed, still = indexed + listed, [*still, *inside]
    library.add_failures(still)
    tried = indexed + len({failure.path for failure in still} & {*files, *folders})
    return Retried(
        indexed=indexed,
        gone=len(gone),
        offline=len(failures) - len(reachable),
        failures=tuple(sorted(still, key=lambda failure: failure.path)),
        interrupted=tried < len(files) + len(folders),
    )


def _files(
    paths: Sequence[str],
    library: Library,
    model: Encoder,
    batch_size: int,
    on_progress: Callable[[Progress], None],
    stop: threading.Event,
) -> tuple[int, list[Failure]]:
    """How many could be read, and the failures of the others."""
    tally = Tally()
    tally.begin_reading(len(paths))
    indexed, still = 0, list[Failure]()
    states = map(_state, paths)
    for each in store_files(
        states, library, model, tally, batch_size=batch_size, on_progress=on_progress, stop=stop
    ):
        if isinstance(each, Read):
            indexed += 1
            continue
        still.append(each.failure)
        tally.failures.append(each.failure)
        if each.lasting:  # what a known file held is no longer there
            library.mark_missing([each.failure.path])
    name_places(library)
    return indexed, still


def _state(path: str) -> FileState:
    """The file as it is now; one that has just gone is told by the reader, which opens it."""
    try:
        found = os.lstat(path)
    except OSError:
        return FileState(path, 0, 0)
    return FileState(path, found.st_size, storable_ns(found.st_mtime_ns), changed_ns_beside(path))


def _folder(
    folder: str, library: Library, model: Encoder, batch_size: int, stop: threading.Event
) -> tuple[bool, list[Failure]]:
    """Index a folder that could not be listed: whether it can be now, and what failed."""
    inside: tuple[Failure, ...] = ()
    try:
        with suppress(NoPhotos, FolderNotFound):  # it can be listed, and is empty; or has just gone
            inside = index([Path(folder)], library, model, batch_size=batch_size, stop=stop).failures
    except FolderUnreadable as problem:
        return False, [Failure(folder, f"cannot be listed: {problem.reason}", datetime.now(UTC), 0, 0)]
    library.forget_failures([folder])
    return True, list(inside)
