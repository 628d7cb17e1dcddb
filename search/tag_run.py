"""A run over photos of a library that gives each its tags, a batch at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.tagging import Tagger
from storage.library import Library
from storage.records import Failure

BATCH = 16  # photos whose tags are stored at once


@dataclass(frozen=True, slots=True)
class TagRun:
    """What a run has done.

    Attributes:
        photos: Photos that were tagged, those without any fitting word included.
        tags: Words that were proposed for them.
        failures: Photos of which no file could be read; the next run tries them again.
        interrupted: Whether it was stopped before its end; the next run goes on from there.
    """

    photos: int
    tags: int
    failures: tuple[Failure, ...]
    interrupted: bool


def tag_photos(
    library: Library,
    tagger: Tagger,
    photos: Iterable[tuple[int, NDArray[np.uint8] | Failure]],
    *,
    on_progress: Callable[[int, int], None] = lambda done, failed: None,
    stop: threading.Event | None = None,
) -> TagRun:
    """Propose tags for photos, given by their ids with their crops, uint8 (side, side, 3), or their failures.

    Every batch is one transaction; when `stop` is set, the batch in hand is the last. `on_progress` is told
    how many photos are done, and how many of those could not be read.

    Raises:
        model.errors.HeadMissing: the checkpoint has no masked-LM head.
        StorageError: when the library cannot be written.
    """
    stop = stop or threading.Event()
    batch: dict[int, NDArray[np.uint8]] = {}
    failures: list[Failure] = []
    done = tags = 0

    def store() -> int:
        """Tag the batch in hand; how many words that gave."""
        words = tagger.tags(np.stack(list(batch.values()))) if batch else []
        library.tags.propose(tagger.model, dict(zip(batch, words, strict=True)))
        batch.clear()
        return sum(map(len, words))

    for photo_id, seen in photos:
        if isinstance(seen, Failure):
            failures.append(seen)
        else:
            batch[photo_id] = seen
        if len(batch) == BATCH or stop.is_set():
            done, tags = done + len(batch), tags + store()
            on_progress(done + len(failures), len(failures))
        if stop.is_set():
            return TagRun(done, tags, tuple(failures), interrupted=True)
    done, tags = done + len(batch), tags + store()
    on_progress(done + len(failures), len(failures))
    return TagRun(done, tags, tuple(failures), interrupted=False)
