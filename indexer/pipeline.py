"""Scan, decode, embed, store: one call, one report, one commit a batch."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from indexer.arrivals import Arrival, judge
from indexer.embedding import Embeddings, embedded, sorted_out
from indexer.interrupt import stops_on_interrupt
from indexer.keeping import keep
from indexer.places import name_places
from indexer.plan import Plan, is_inside, make_plan
from indexer.presence import Presence
from indexer.reading import Preprocessor, Read, Reader, Unread
from indexer.report import Progress, Report, Tally
from indexer.scan import locate
from indexer.workers import ChildProcesses, Workers
from storage.errors import ModelMismatch
from storage.library import Library
from storage.records import ModelRef, NewPhoto

Status: TypeAlias = Literal["interrupted", "failed"]


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
    def preprocessor(self) -> Preprocessor:
        """What makes crops of photos; it is sent to child processes."""

    def embed_images(self, pixels: NDArray[np.uint8], /) -> NDArray[np.float32]:
        """Crops, uint8 (n, side, side, 3), to embeddings, float32 (n, dim), unit L2 norm; in a thread."""


def index(
    folders: Sequence[Path],
    library: Library,
    model: Encoder,
    *,
    batch_size: int = 32,
    workers: Workers | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
    thumbnails: bool = True,
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
        batch_size: Photos that are embedded and not yet committed, at most: so much is done again after a
            crash. Half of them are stored while the other half goes through the model.
        workers: Who decodes; child processes of this run alone when not given.
        on_progress: Called in this thread when the scan begins, when it has ended and after every batch.
        stop: Asks the run to end.
        thumbnails: Whether thumbnails are made and kept.

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
            with plan.work, ExitStack() as ours:
                hands = workers or ours.enter_context(ChildProcesses())
                this = _Run(library, model, ref, plan, tally, hands, thumbnails)
                interrupted = this.carry_out(batch_size, tell, stop)
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

    def __init__(
        self, library: Library, model: Encoder, ref: ModelRef, plan: Plan, tally: Tally, workers: Workers,
        thumbnails: bool,
    ) -> None:  # fmt: skip
        self._library, self._model, self._ref, self._plan, self._tally = library, model, ref, plan, tally
        self._workers, self._thumbnails = workers, thumbnails
        self._presence = Presence([os.fspath(folder) for folder in plan.folders])
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
        size = max(1, batch_size // 2)
        ahead = size + self._workers.count
        reader = Reader(
            self._library, self._ref, self._model.preprocessor, self._workers,
            ahead=ahead, thumbnails=self._thumbnails,
        )  # fmt: skip
        with (
            closing(reader.read(self._presence.files(self._plan.work.files()))) as files,
            closing(embedded(files, self._model.embed_images, self._known, size=size, stop=stop)) as batches,
        ):
            for batch, embeddings in batches:
                self._store(batch, embeddings)
                tell(self._tally.progress())
        with suppress(ModelMismatch):  # stopped before anything of this model was stored: nothing to save
            self._library.save_index(self._ref)
        name_places(self._library)
        self._tally.offline = tuple(sorted({*self._plan.offline, *self._presence.gone}))
        return self._tally.done + self._presence.skipped < self._plan.to_read

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

    def _known(self, hashes: Sequence[str]) -> set[str]:
        """Those contents that the library has an embedding of."""
        known = self._library.photo_ids_by_hash(hashes, self._ref)
        return {content_hash for content_hash, (_, is_embedded) in known.items() if is_embedded}

    def _store(self, batch: Sequence[Read | Unread], embeddings: Embeddings) -> None:
        """Commit all of a batch."""
        self._tally.embedded += len(embeddings)
        hashes = [file.facts.content_hash for file in batch if isinstance(file, Read)]
        known = self._library.photo_ids_by_hash(hashes, self._ref)
        photo_ids = {content_hash: photo_id for content_hash, (photo_id, _) in known.items()}
        usable = embeddings.keys() | {each for each, (_, is_embedded) in known.items() if is_embedded}
        reads, failed = sorted_out(batch, usable)
        for read in reads:
            self._presence.answered(read.file.path)
        arrivals = judge(reads, photo_ids, self._library, self._gone_since)
        # Of several copies in a batch the first brings the embedding.
        photos = [
            NewPhoto(
                read.file,
                read.facts,
                embeddings.pop(read.facts.content_hash, None),
                arrival.was.file_id if arrival.was else None,
                read.sidecar,
            )
            for read, arrival in zip(reads, arrivals, strict=True)
        ]
        self._library.add(self._ref, photos)
        keep(self._library, self._ref, reads, self._tally)
        self._count(arrivals)
        self._store_failures(failed)
        self._tally.done += len(batch)

    def _store_failures(self, unread: Sequence[Unread]) -> None:
        unread = [each for each in unread if not self._presence.explains(each)]
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
