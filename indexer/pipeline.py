"""Scan, decode, embed, store: one call, one report, one commit a batch."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from indexer.interrupt import stops_on_interrupt
from indexer.places import name_places
from indexer.plan import Plan, is_inside, make_plan
from indexer.reading import Read, Reader, Unread
from indexer.report import Progress, Report, Tally
from indexer.scan import outermost
from indexer.sidecar import read_sidecars
from storage.errors import ModelMismatch
from storage.library import Library
from storage.records import Description, ModelRef, NewPhoto

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
        folders: A folder given twice, or inside another, is walked once.
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
    roots = outermost(folders)
    stop = stop or threading.Event()
    ref = ModelRef(model.fingerprint, model.name, model.dim)
    tally = Tally()
    tell = on_progress or (lambda progress: None)
    with stops_on_interrupt(stop):
        tell(tally.progress())
        plan = make_plan(roots, library, ref, stop)
        if plan is None:
            return tally.report(interrupted=True)
        run = library.start_run()
        try:
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
        self._vanished = {file.path for file in plan.vanished}
        self._vanished_files = Counter(file.photo_id for file in plan.vanished)
        tally.unchanged, tally.missing, tally.offline = plan.unchanged, len(plan.vanished), plan.offline
        tally.failures.extend((*plan.unlisted, *plan.failing))

    def carry_out(self, batch_size: int, tell: Callable[[Progress], None], stop: threading.Event) -> bool:
        """Read, embed and store; true when stopped before the end."""
        self._store_plan()
        self._tally.begin_reading(len(self._plan.to_read))
        tell(self._tally.progress())
        reader = Reader(self._library, self._ref, self._model.preprocessor, ahead=batch_size)
        batch: list[Read | Unread] = []
        with closing(reader.read(self._plan.to_read)) as files:
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
        self._library.mark_missing([file.path for file in self._plan.vanished])
        with suppress(ModelMismatch):  # stopped before anything of this model was stored: nothing to save
            self._library.save_index(self._ref)
        name_places(self._library)
        return self._tally.done < len(self._plan.to_read)

    def _store_plan(self) -> None:
        """Write down what the scan alone has shown."""
        for folder in map(os.fspath, self._plan.folders):
            if not any(is_inside(folder, [root]) for root in self._library.roots()):
                self._library.add_root(Path(folder))
        self._library.mark_present(self._plan.returned)
        self._library.forget_failures(self._plan.mended)
        self._library.add_failures(self._plan.unlisted)

    def _store(self, batch: Sequence[Read | Unread]) -> None:
        """Embed what is new in a batch and commit all of it."""
        reads = [file for file in batch if isinstance(file, Read)]
        known = self._library.photo_ids_by_hash([read.facts.content_hash for read in reads], self._ref)
        photo_ids = {content_hash: photo_id for content_hash, (photo_id, _) in known.items()}
        elsewhere = self._still_elsewhere(photo_ids.values())
        embeddings = self._embed(
            [read for read in reads if not known.get(read.facts.content_hash, _UNKNOWN)[1]]
        )
        # Of several copies in a batch the first brings the embedding.
        photos = [
            NewPhoto(
                read.file,
                read.facts,
                embeddings.pop(read.facts.content_hash, None),
                read_sidecars(read.file.path) if read.file.sidecar_ns else Description(),
            )
            for read in reads
        ]
        self._library.add(self._ref, photos)
        self._count(reads, photo_ids, elsewhere)
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
        lost = [
            each.failure.path for each in unread if each.lasting and each.failure.path in self._plan.known
        ]
        if lost:
            self._library.mark_missing(lost)
        self._library.add_failures(failures)
        self._tally.failures.extend(failures)

    def _still_elsewhere(self, photo_ids: Iterable[int]) -> set[int]:
        """Those photos that had a file before this batch which this run has not found gone."""
        records = self._library.photos(sorted(set(photo_ids)))
        return {photo_id for photo_id, record in records.items() if set(record.paths) - self._vanished}

    def _count(self, reads: Sequence[Read], photo_ids: Mapping[str, int], elsewhere: set[int]) -> None:
        """Say of each file of a batch what has become of it; `photo_ids` are those from before the batch."""
        tally, arrived = self._tally, set[str]()
        for read in reads:
            content_hash, before = read.facts.content_hash, self._plan.known.get(read.file.path)
            photo_id = photo_ids.get(content_hash)
            if before is not None:
                same = before.photo_id == photo_id
                tally.unchanged, tally.changed = tally.unchanged + same, tally.changed + (not same)
            elif photo_id is not None and self._vanished_files[photo_id] > 0:
                self._vanished_files[photo_id] -= 1
                tally.moved, tally.missing = tally.moved + 1, tally.missing - 1
            elif content_hash in arrived or photo_id in elsewhere:
                tally.copies += 1
            elif photo_id is not None:
                tally.moved += 1  # from a place that was gone before this run
            else:
                tally.added += 1
            arrived.add(content_hash)
