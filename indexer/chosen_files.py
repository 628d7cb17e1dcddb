"""Files that were chosen one by one into the library, without a scan of their folders."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from indexer.embedding import embedded, sorted_out
from indexer.keeping import keep
from indexer.pipeline import Encoder
from indexer.reading import Read, Reader, Unread
from indexer.report import Progress, Tally
from indexer.workers import ChildProcesses, Workers
from storage.errors import ModelMismatch
from storage.library import Library
from storage.records import FileState, ModelRef, NewPhoto

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
    workers: Workers | None = None,
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

    def known(hashes: Sequence[str]) -> set[str]:
        found = library.photo_ids_by_hash(hashes, ref)
        return {content_hash for content_hash, (_, is_embedded) in found.items() if is_embedded}

    size = max(1, batch_size // 2)
    with ExitStack() as ours:
        hands = workers or ours.enter_context(ChildProcesses())
        reader = Reader(library, ref, model.preprocessor, hands, ahead=size + hands.count)
        opened = ours.enter_context(closing(reader.read(files)))
        embed = embedded(opened, model.embed_images, known, size=size, stop=stop)
        for batch, vectors in ours.enter_context(closing(embed)):
            hashes = [file.facts.content_hash for file in batch if isinstance(file, Read)]
            reads, failed = sorted_out(batch, vectors.keys() | known(hashes))
            if store is not None:
                store(vectors)
            else:
                library.add(ref, [_new(read, vectors) for read in reads])
            keep(library, ref, reads, tally)
            tally.embedded += len(vectors)
            tally.done += len(batch)
            on_progress(tally.progress())
            yield from reads
            yield from failed
    with suppress(ModelMismatch):  # nothing of this model was stored: nothing to save
        library.save_index(ref)


def _new(read: Read, vectors: Mapping[str, NDArray[np.float32]]) -> NewPhoto:
    embedding = vectors.get(read.facts.content_hash)
    return NewPhoto(read.file, read.facts, embedding, sidecar=read.sidecar)
