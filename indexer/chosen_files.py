"""Files that were chosen one by one into the library, without a scan of their folders."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from itertools import islice
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.pipeline import Encoder
from indexer.reading import Read, Reader, Unread
from indexer.report import Progress, Tally
from storage.errors import ModelMismatch
from storage.library import Library
from storage.records import FileState, ModelRef, NewPhoto

Item = TypeVar("Item")
Store: TypeAlias = Callable[[Mapping[str, NDArray[np.float32]]], None]
"""Stores a batch's embeddings, (dim,), by content hash."""


def store_files(
    files: Iterable[FileState],
    library: Library,
    model: Encoder,
    tally: Tally,
    *,
    batch_size: int,
    on_progress: Callable[[Progress], None],
    stop: threading.Event,
    store: Store | None = None,
) -> Iterator[Read | Unread]:
    """Read, embed and store the files, a batch at a time, and hand each out when its batch is stored.

    A file that was read is committed with its photo, and what is noted of a failure there is dropped, unless
    `store` does something else with it; what becomes of one that was not read is the caller's to say. `tally`
    counts `done` and `embedded`. When `stop` is set, the batch in hand is finished and is the last.

    Raises:
        StorageError: when the library cannot be written.
    """
    ref = ModelRef(model.fingerprint, model.name, model.dim)
    reader = Reader(library, ref, model.preprocessor, ahead=batch_size)
    with closing(reader.read(files)) as opened:
        for batch in _batches(opened, batch_size):
            reads = [file for file in batch if isinstance(file, Read)]
            vectors = _embedded(reads, model)
            if store is not None:
                store(vectors)
            else:
                library.add(ref, [_new(read, vectors) for read in reads])
            tally.embedded += len(vectors)
            tally.done += len(batch)
            on_progress(tally.progress())
            yield from batch
            if stop.is_set():
                break
    with suppress(ModelMismatch):  # nothing of this model was stored: nothing to save
        library.save_index(ref)


def _new(read: Read, vectors: Mapping[str, NDArray[np.float32]]) -> NewPhoto:
    return NewPhoto(read.file, read.facts, vectors.get(read.facts.content_hash))


def _embedded(reads: Sequence[Read], model: Encoder) -> dict[str, NDArray[np.float32]]:
    """Embeddings by content hash, of those that were decoded for it."""
    pixels = {read.facts.content_hash: read.pixels for read in reads if read.pixels is not None}
    if not pixels:
        return {}
    return dict(zip(pixels, model.embed_images(np.stack(list(pixels.values()))), strict=True))


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of `size`, the last one shorter; an iterator's own generator is read as it goes."""
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch
