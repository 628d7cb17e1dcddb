"""Scan, decode, embed, store: one call, one report, one commit a batch."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from indexer.interrupt import stops_on_interrupt
from indexer.plan import Plan, is_inside, make_plan
from indexer.reading import Crop, Preprocessor, Read, Reader, Unread
from indexer.report import Progress, Report, Tally
from indexer.scan import outermost
from indexer.workers import ChildProcesses, Workers
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
) -> Report:
    """Bring the library up to date with the photos in the folders and all folders inside them.

    A file that cannot be read is reported and never ends the run. Ctrl-C, or `stop` set by another thread,
    ends it after the batch in hand; every batch is committed, so the next run goes on from there. A second
    Ctrl-C raises KeyboardInterrupt, and the batch in hand is lost.

    Args:
        folders: A folder given twice, or inside another, is walked once.
        library: Open for writing.
        model: Only contents it has not embedded go through it.
        batch_size: Photos that are embedded and not yet committed, at most: so much is done again after a
            crash. Half of them are stored while the other half goes through the model.
        workers: Who decodes; child processes of this run alone when not given.
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
            with ExitStack() as ours:
                hands = workers or ours.enter_context(ChildProcesses())
                interrupted = _Run(library, model, ref, plan, tally, hands).carry_out(batch_size, tell, stop)
        except BaseException as error:
            # The error that ended the run is the one to show, even when its end cannot be noted either.
            with suppress(Exception):
                status: Status = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
                library.end_run(run, status, tally.counts())
            raise
        library.end_run(run, "interrupted" if interrupted else "complete", tally.counts())
    return tally.report(interrupted=interrupted)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Files that were read, and their embeddings as soon as the model has them."""

    files: Sequence[Read | Unread]
    embeddings: Future[dict[str, NDArray[np.float32]]]

    def hashes(self) -> set[str]:
        """The contents in it."""
        return {file.facts.content_hash for file in self.files if isinstance(file, Read)}


class _Run:
    """One run, its plan made."""

    def __init__(
        self, library: Library, model: Encoder, ref: ModelRef, plan: Plan, tally: Tally, workers: Workers
    ) -> None:
        self._library, self._model, self._ref, self._plan, self._tally = library, model, ref, plan, tally
        self._workers = workers
        self._vanished = {file.path for file in plan.vanished}
        self._vanished_files = Counter(file.photo_id for file in plan.vanished)
        tally.unchanged, tally.missing, tally.offline = plan.unchanged, len(plan.vanished), plan.offline
        tally.failures.extend((*plan.unlisted, *plan.failing))

    def carry_out(self, batch_size: int, tell: Callable[[Progress], None], stop: threading.Event) -> bool:
        """Read, embed and store; true when stopped before the end."""
        self._store_plan()
        self._tally.begin_reading(len(self._plan.to_read))
        tell(self._tally.progress())
        with ThreadPoolExecutor(1, thread_name_prefix="model") as model:
            waiting: _Batch | None = None
            for files in self._batches(max(1, batch_size // 2), stop):
                batch = _Batch(files, model.submit(self._embed, self._not_embedded(files, waiting)))
                if waiting is not None:
                    self._store(waiting, tell)
                waiting = batch
            if waiting is not None:
                self._store(waiting, tell)
        self._library.mark_missing([file.path for file in self._plan.vanished])
        with suppress(ModelMismatch):  # stopped before anything of this model was stored: nothing to save
            self._library.save_index(self._ref)
        return self._tally.done < len(self._plan.to_read)

    def _store_plan(self) -> None:
        """Write down what the scan alone has shown."""
        for folder in map(os.fspath, self._plan.folders):
            if not any(is_inside(folder, [root]) for root in self._library.roots()):
                self._library.add_root(Path(folder))
        self._library.mark_present(self._plan.returned)
        self._library.forget_failures(self._plan.mended)
        self._library.add_failures(self._plan.unlisted)

    def _batches(self, size: int, stop: threading.Event) -> Iterator[list[Read | Unread]]:
        """The files as they are read; after `stop` those in hand are the last."""
        reader = Reader(
            self._library,
            self._ref,
            self._model.preprocessor,
            self._workers,
            ahead=size + self._workers.count,
        )
        batch: list[Read | Unread] = []
        with closing(reader.read(self._plan.to_read)) as files:
            for file in files:
                batch.append(file)
                if len(batch) == size:
                    yield batch
                    batch = []
                if stop.is_set():
                    break
        if batch:
            yield batch

    def _not_embedded(self, files: Iterable[Read | Unread], waiting: _Batch | None) -> dict[str, Crop]:
        """Crops by content hash, each content once, of what neither the library nor the model in hand has."""
        crops = {file.facts.content_hash: file.crop for file in files if isinstance(file, Read)}
        known = self._library.photo_ids_by_hash(list(crops), self._ref)
        in_hand = set() if waiting is None else waiting.hashes()
        return {
            content_hash: crop
            for content_hash, crop in crops.items()
            if crop is not None and content_hash not in in_hand and not known.get(content_hash, _UNKNOWN)[1]
        }

    def _embed(self, crops: Mapping[str, Crop]) -> dict[str, NDArray[np.float32]]:
        """Embeddings by content hash."""
        if not crops:
            return {}
        vectors = self._model.embed_images(np.stack(list(crops.values())))
        return dict(zip(crops, vectors, strict=True))

    def _store(self, batch: _Batch, tell: Callable[[Progress], None]) -> None:
        """Commit all of a batch once its embeddings are there."""
        reads = [file for file in batch.files if isinstance(file, Read)]
        embeddings = batch.embeddings.result()
        self._tally.embedded += len(embeddings)
        known = self._library.photo_ids_by_hash([read.facts.content_hash for read in reads], self._ref)
        photo_ids = {content_hash: photo_id for content_hash, (photo_id, _) in known.items()}
        elsewhere = self._still_elsewhere(photo_ids.values())
        # Of several copies in a batch the first brings the embedding.
        photos = [
            NewPhoto(read.file, read.facts, embeddings.pop(read.facts.content_hash, None)) for read in reads
        ]
        self._library.add(self._ref, photos)
        self._count(reads, photo_ids, elsewhere)
        self._store_failures([file for file in batch.files if isinstance(file, Unread)])
        self._tally.done += len(batch.files)
        tell(self._tally.progress())

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
