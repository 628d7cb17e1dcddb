"""A library's photos embedded by another model, beside the embeddings they have; the swap is the caller's."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.chosen_files import Store, store_files
from indexer.interrupt import stops_on_interrupt
from indexer.pipeline import Encoder
from indexer.plan import is_inside
from indexer.reading import Unread
from indexer.report import Progress, Tally
from storage.library import Library
from storage.presence import is_offline
from storage.records import Failure, FileState, ModelRef


@dataclass(frozen=True, slots=True)
class Reindexed:
    """What a run has done, and what the model still lacks.

    Attributes:
        embedded: Photos that went through the model.
        lacking: Photos with a present file that the model has not embedded, by root; none when complete.
        offline: Roots that are not there now, so that their photos could not be read.
        failures: Files that were there and could not be read.
        interrupted: Whether the run was stopped before its end; the next one goes on from there.
    """

    embedded: int
    lacking: Mapping[str, int]
    offline: tuple[str, ...]
    failures: tuple[Failure, ...]
    interrupted: bool


def embed_lacking(
    library: Library,
    model: Encoder,
    *,
    batch_size: int = 32,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    stop: threading.Event | None = None,
) -> Reindexed:
    """Embed each photo of the library that the model has not embedded, from the first file that can be read.

    Every batch is committed, so a run that is stopped, by Ctrl-C or by `stop`, is taken up by the next. It
    adds embeddings and nothing else: which files are gone or hold another photo now is for an indexing run.

    Raises:
        StorageError: when the library cannot be written.
    """
    ref = ModelRef(model.fingerprint, model.name, model.dim)
    offline = tuple(root for root in library.roots() if is_offline(root))
    stop, tally = stop or threading.Event(), Tally()
    tally.begin_reading(sum(library.models.lacking(ref).values()))
    failed: dict[str, Failure] = {}
    with stops_on_interrupt(stop):
        on_progress(tally.progress())
        # Where a photo's first file cannot be read, the next round tries another.
        while True:
            before = len(failed)
            files = _candidates(library, ref, offline, failed)
            for file in store_files(
                files, library, model, tally,
                batch_size=batch_size, on_progress=on_progress, stop=stop, store=_adder(library, ref),
            ):  # fmt: skip
                if isinstance(file, Unread):
                    failed[file.failure.path] = file.failure
            if len(failed) == before or stop.is_set():
                break
    lacking = library.models.lacking(ref)
    library.add_failures(list(failed.values()))
    failures = tuple(sorted(failed.values(), key=lambda failure: failure.path))
    return Reindexed(tally.embedded, lacking, offline, failures, interrupted=stop.is_set() and bool(lacking))


def _adder(library: Library, model: ModelRef) -> Store:
    """Stores embeddings of the photos that the library has; a file may hold another one by now."""

    def add(vectors: Mapping[str, NDArray[np.float32]]) -> None:
        known = library.photo_ids_by_hash(list(vectors), model)
        found = {known[key][0]: vector for key, vector in vectors.items() if key in known}
        library.models.add_embeddings(model, found)

    return add


def _candidates(
    library: Library, model: ModelRef, offline: tuple[str, ...], failed: Mapping[str, Failure]
) -> Iterator[FileState]:
    """A file of each photo that the model lacks: the first that is there and was not tried."""
    for files in library.models.files_lacking(model):
        for file in files:
            tried = file.path in failed or is_inside(file.path, offline)
            # A link is not followed out of a folder.
            if not tried and os.path.isfile(file.path) and not os.path.islink(file.path):
                yield file
                break
