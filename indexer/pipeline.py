"""Scan, decode, embed, store: one call, one report, one commit a batch."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from indexer.arrivals import Arrival, judge
from indexer.interrupt import stops_on_interrupt
from indexer.plan import Plan, is_inside, make_plan
from indexer.reading import Read, Reader, Unread
from indexer.report import Progress, Report, Tally
from indexer.scan import locate
from storage.errors import ModelMismatch
from storage.library import Library
from storage.records import ModelRef, NewPhoto

Status: TypeAlias = Literal["interrupted", "failed"]
_UNKNOWN = (0, False)


class Encoder(Protocol):
    """What a run needs of a model."""

    @property
    def name(self) -> str:
        """What a user types after `--model`."""

    @property
    def fingerprint(self) -> str:
        """Changes with the weights, the preprocessing or the dimension."""

    @property
    def dim(self) -> int:
        """Length of an embedding."""

    @property
    def preprocessor(self) -> Callable[[Image.Image], NDArray[np.float32]]:
        """An upright RGB photo to pixels, float32 (3, H, W) of one size; several threads call it."""

    def embed_images(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Pixels (n, 3, H, W) to embeddings (n, dim), unit L2 norm."""


def index(
    folders: Sequence[Path],
    library: Library,
    model: Encoder,
    *,
    batch_size: int = 32,
    on_progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> Report:
    """Bring the library up to date with the photos in the folders and all folders inside them.

    A file that cannot be read is reported and never ends the run. Ctrl-C, or `stop` set by another thread,
    ends it after the batch in hand; every batch is committed, so the next run goes on from there. A second
    Ctrl-C raises KeyboardInterrupt, and the batch in hand is lost.

    Args:
        folders: A folder given twice, or inside another, is walked once. One that is not there, but is known
            to the library, is reported as offline while there are others to index.
        library: Open for writing.
        model: Only contents it has not embedded go through it.
        batch_size: Photos a batch; up to two batches of pixels are in memory at a time.
        on_progress: Called in this thread when the scan begins, when it has ended and after every batch.
        stop: Asks the run to end.

    Raises:
        FolderNotFound, FolderUnreadable: before anything is written.
        NoPhotos: before anything is written, when there is nothing to index and nothing known.
        StorageError: when the library cannot be written.
    """
    if batch_size < 1:
        raise ValueError(f"batch_size: expected at least 1, found {batch_size}")
    roots, offline = locate(folders, library.roots())
    stop = stop or threading.Event()
    ref = ModelRef(model.fingerprint, model.name, model.dim)
    tally = Tally()
    tell = on_progress or (lambda progress: None)
    with stops_on_interrupt(stop):
        tell(tally.progress())
        plan = make_plan(roots, library, ref, stop)
        if plan is None:
            return tally.report(interrupted=True)
        plan.offline.extend(offline)
        run = library.start_run()
        try:
            with plan.work:
                interrupted = _Run(library, model, ref, plan, tally).carry_out(batch_size, tell, stop)
        except BaseException as error:
            # The error that ended the run is the one to show, even when its end cannot be noted either.
            with suppress(Exception):
                status: Status = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
                library.end_run(run, status, tally.counts())
            raise
        library.end_run(run, "interrupted" if interrupted else "complete", tally.counts())
    return tally.report(interrupted=interrupted)


class _Run:
    """One run, its plan made."""

    def __init__(self, library: Library, model: Encoder, ref: ModelRef, plan: Plan, tally: Tally) -> None:
        self._library, self._model, self._ref, self._plan, self._tally = library, model, ref, plan, tally
        self._gone_since = datetime.now(UTC)
        tally.unchanged, tally.missing, tally.offline = (
            plan.unchanged,
            plan.vanished,
            tuple(sorted(plan.offline)),
        )
        tally.failures.extend((*plan.unlisted, *plan.failing))

    def carry_out(self, batch_size: int, tell: Callable[[Progress], None], stop: threading.Event) -> bool:
        """Read, embed and store; true when stopped before the end."""
        self._store_plan()
        self._tally.begin_reading(self._plan.to_read)
        tell(self._tally.progress())
        reader = Reader(self._library, self._ref, self._model.preprocessor, ahead=batch_size)
        batch: list[Read | Unread] = []
        with closing(reader.read(self._plan.work.files())) as files:
            for file in files:
                batch.append(file)
                if len(batch) == batch_size:
                    self._store(batch)
                    batch = []
                    tell(self._tally.progress())
                if stop.is_set():
                    break
        if batch:
            self._store(batch)
            tell(self._tally.progress())
        with suppress(ModelMismatch):  # stopped before anything of this model was stored: nothing to save
            self._library.save_index(self._ref)
        return self._tally.done < self._plan.to_read

    def _store_plan(self) -> None:
        """Write down what the scan alone has shown."""
        for folder in map(os.fspath, self._plan.folders):
            if not is_inside(folder, self._library.roots()):
                self._library.add_root(Path(folder))
        for paths in self._plan.work.paths("returned"):
            self._library.mark_present(paths)
        # Before anything is read, so that a file in a new place is known to have left its old one.
        for paths in self._plan.work.paths("vanished"):
            self._library.mark_missing(paths, self._gone_since)
        self._library.forget_failures(self._plan.mended)
        self._library.add_failures(self._plan.unlisted)

    def _store(self, batch: Sequence[Read | Unread]) -> None:
        """Embed what is new in a batch and commit all of it."""
        reads = [file for file in batch if isinstance(file, Read)]
        known = self._library.photo_ids_by_hash([read.facts.content_hash for read in reads], self._ref)
        photo_ids = {content_hash: photo_id for content_hash, (photo_id, _) in known.items()}
        arrivals = judge(reads, photo_ids, self._library, self._gone_since)
        embeddings = self._embed(
            [read for read in reads if not known.get(read.facts.content_hash, _UNKNOWN)[1]]
        )
        # Of several copies in a batch the first brings the embedding.
        photos = [
            NewPhoto(
                read.file,
                read.facts,
                embeddings.pop(read.facts.content_hash, None),
                arrival.was.file_id if arrival.was else None,
            )
            for read, arrival in zip(reads, arrivals, strict=True)
        ]
        self._library.add(self._ref, photos)
        self._count(arrivals)
        self._store_failures([file for file in batch if isinstance(file, Unread)])
        self._tally.done += len(batch)

    def _embed(self, reads: Sequence[Read]) -> dict[str, NDArray[np.float32]]:
        """Embeddings by content hash, each content once."""
        pixels = {read.facts.content_hash: read.pixels for read in reads if read.pixels is not None}
        if not pixels:
            return {}
        vectors = self._model.embed_images(np.stack(list(pixels.values())))
        self._tally.embedded += len(pixels)
        return dict(zip(pixels, vectors, strict=True))

    def _store_failures(self, unread: Sequence[Unread]) -> None:
        failures = [each.failure for each in unread]
        # What a known file held is no longer there when its bytes cannot be decoded any more.
        if lost := [each.failure.path for each in unread if each.lasting]:
            self._library.mark_missing(lost)
        self._library.add_failures(failures)
        self._tally.failures.extend(failures)

    def _count(self, arrivals: Sequence[Arrival]) -> None:
        """Count what has become of each file of a batch."""
        tally = self._tally
        for kind, count in Counter(arrival.kind for arrival in arrivals).items():
            setattr(tally, kind, getattr(tally, kind) + count)
        # These were counted as missing when the scan had ended, and are found again.
        tally.missing -= sum(a.was is not None and a.was.since == self._gone_since for a in arrivals)
