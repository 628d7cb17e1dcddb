"""Keep a library current: one full run, then a run over each folder in which something has changed."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Protocol

from indexer import ignore
from indexer.errors import CannotWatch, FolderNotFound, FolderUnreadable, NoPhotos
from indexer.pipeline import Encoder, index
from indexer.plan import is_inside
from indexer.report import Progress, Report
from indexer.scan import SUFFIXES, locate, outermost, scan
from indexer.settling import Settling
from storage.errors import LibraryLocked
from storage.library import Library

_TICK_MS = 100


class Listener(Protocol):
    """Told of what a watch does, in the thread that watches."""

    def progress(self, progress: Progress) -> None:
        """A run goes on."""

    def report(self, report: Report) -> None:
        """A run has ended."""

    def waiting(self, error: LibraryLocked) -> None:
        """Another program writes to the library; what has changed is kept until it has ended."""


def watch(
    folders: Sequence[Path],
    open_library: Callable[[], Library],
    model: Encoder,
    listener: Listener,
    stop: threading.Event,
    *,
    batch_size: int = 32,
    settle_seconds: float = 1.0,
    thumbnails: bool = True,
) -> None:
    """Index the folders, then whatever changes in them, until `stop` is set.

    A file is indexed when it has not changed for `settle_seconds`. The library is open only during a run, so
    that other programs can write to it in between.

    Args:
        folders: As for `indexer.pipeline.index`. One that is offline at the start is not watched.
        open_library: Opens the library for writing.
        model: As for `indexer.pipeline.index`.
        listener: Told of every run.
        stop: Ends the watch after the batch in hand.
        batch_size: Photos a batch.
        settle_seconds: How long a file has to stay the same before it is read.
        thumbnails: Whether thumbnails are made and kept.

    Raises:
        CannotWatch: when the system refuses to watch the folders.
        FolderNotFound, FolderUnreadable, StorageError: as `indexer.pipeline.index`, of the first run.
    """
    with _when_free(open_library, listener, stop) as library:
        roots = [os.fspath(root) for root in locate(folders, library.roots())[0]]
        keep_out = os.path.realpath(library.folder)
    with closing(_changes(roots, stop)) as changes:
        next(changes, None)  # from here on nothing is missed, the first run's own time included
        watched = _Watch(roots, keep_out, open_library, model, listener, stop, batch_size, thumbnails)
        watched.first_run(folders)
        settling = Settling(settle_seconds)
        for paths in changes:
            settling.changed(path for path in paths if watched.concerns(path))
            settling.look()
            watched.run_over(settling)


def _when_free(open_library: Callable[[], Library], listener: Listener, stop: threading.Event) -> Library:
    """The library as soon as no other program writes to it.

    Raises:
        LibraryLocked: when stopped before that.
    """
    while True:
        try:
            return open_library()
        except LibraryLocked as error:
            listener.waiting(error)
            if stop.wait(1.0):
                raise


class _Watch:
    """A watch, its folders known."""

    def __init__(
        self,
        roots: Sequence[str],
        keep_out: str,
        open_library: Callable[[], Library],
        model: Encoder,
        listener: Listener,
        stop: threading.Event,
        batch_size: int,
        thumbnails: bool,
    ) -> None:
        self._roots, self._keep_out, self._open_library = roots, keep_out, open_library
        self._model, self._listener, self._stop, self._batch_size = model, listener, stop, batch_size
        self._thumbnails = thumbnails

    def first_run(self, folders: Sequence[Path]) -> None:
        """All of the folders; without any photo yet there is nothing to do."""
        with suppress(NoPhotos):
            self._index(folders, lambda: _when_free(self._open_library, self._listener, self._stop))

    def concerns(self, path: str) -> bool:
        """Whether a change at this path can be one of photos: a candidate, a folder, rules, or gone."""
        root = next((root for root in self._roots if is_inside(path, [root])), None)
        if root is None or is_inside(path, [self._keep_out]):
            return False
        inside = os.path.relpath(path, root).split(os.sep)
        if inside == [os.curdir] or os.path.basename(path) == ignore.NAME:
            return True
        if any(name.startswith(".") for name in inside):
            return False
        return path.lower().endswith((*SUFFIXES, ".xmp")) or not os.path.isfile(path)

    def run_over(self, settling: Settling) -> None:
        """Index the folders of settled paths, but those in which something is still being written."""
        paths, busy = settling.settled(), settling.busy()
        folders = {path: self._folder_of(path) for path in paths}
        ready = {path: folder for path, folder in folders.items() if folder is None or folder not in busy}
        places = sorted({Path(folder) for folder in ready.values() if folder is not None})
        try:
            if places:
                self._index(outermost(places))
        except NoPhotos:
            pass
        except (FolderNotFound, FolderUnreadable):
            return  # it went away after it was looked for; the next look finds the one above it
        except LibraryLocked as error:
            self._listener.waiting(error)
            self._stop.wait(1.0)
            return
        settling.done(ready)

    def _index(self, folders: Sequence[Path], open_library: Callable[[], Library] | None = None) -> None:
        with (open_library or self._open_library)() as library:
            report = index(
                folders,
                library,
                self._model,
                batch_size=self._batch_size,
                on_progress=self._listener.progress,
                stop=self._stop,
                thumbnails=self._thumbnails,
            )
        self._listener.report(report)

    def _folder_of(self, path: str) -> str | None:
        """The folder to look through for a change at this path; None when its root is not there.

        It is one with photos in it, or a root: a run over a folder without any cannot tell a folder that was
        emptied from a disk that was unplugged.
        """
        root = next(root for root in self._roots if is_inside(path, [root]))
        folder = path
        while folder != root and not (os.path.isdir(folder) and self._has_photos(folder)):
            folder = os.path.dirname(folder)
        return folder if os.path.isdir(folder) else None

    def _has_photos(self, folder: str) -> bool:
        found = scan([Path(folder)], Path(self._keep_out), lambda path, error: None)
        return next(found, None) is not None


def _changes(roots: Sequence[str], stop: threading.Event) -> Generator[Iterable[str], None, None]:
    """The paths of what changes below the roots, every tick, none where nothing has changed."""
    import watchfiles

    try:
        changes = watchfiles.watch(
            *roots,
            watch_filter=None,
            stop_event=stop,
            rust_timeout=_TICK_MS,
            yield_on_timeout=True,
            ignore_permission_denied=True,
        )
        for batch in changes:
            yield {path for _, path in batch}
    except OSError as error:
        raise CannotWatch(roots, error.strerror or str(error)) from error
