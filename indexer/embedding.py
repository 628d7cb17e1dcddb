"""Files that were read, in batches with their embeddings: the model computes one while another is stored."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from indexer.errors import PhotoUnreadable
from indexer.reading import Crop, Read, Unread, unread

Embed: TypeAlias = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
Embeddings: TypeAlias = dict[str, NDArray[np.float32]]
"""float32 (dim,) by content hash."""
Known: TypeAlias = Callable[[Sequence[str]], set[str]]
"""Those of the contents, by hash, that have an embedding already."""


@dataclass(frozen=True, slots=True)
class _Batch:
    files: list[Read | Unread]
    embeddings: Future[Embeddings]

    def hashes(self) -> set[str]:
        return {file.facts.content_hash for file in self.files if isinstance(file, Read)}


def embedded(
    files: Iterable[Read | Unread], embed: Embed, known: Known, *, size: int, stop: threading.Event
) -> Generator[tuple[list[Read | Unread], Embeddings], None, None]:
    """Batches of `size` files in order, each with the embeddings of its contents that are new.

    While the caller stores a batch, the next one goes through the model in a thread. A content that comes
    twice is embedded once; one whose embedding is no direction (not finite, or 0) is left out. After `stop`
    the files in hand are the last.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="model") as model:
        waiting: _Batch | None = None
        for batch in _batches(files, size, stop):
            crops = _new(batch, known, set() if waiting is None else waiting.hashes())
            following = _Batch(batch, model.submit(_embed, embed, crops))
            if waiting is not None:
                yield waiting.files, waiting.embeddings.result()
            waiting = following
        if waiting is not None:
            yield waiting.files, waiting.embeddings.result()


def sorted_out(batch: Sequence[Read | Unread], usable: Set[str]) -> tuple[list[Read], list[Unread]]:
    """The files of a batch that can be stored, and those that cannot: unread, or without an embedding."""
    reads: list[Read] = []
    failed: list[Unread] = []
    for file in batch:
        if isinstance(file, Unread):
            failed.append(file)
        elif file.facts.content_hash in usable:
            reads.append(file)
        else:
            reason = "the model makes no usable embedding of it: its numbers are not finite, or all 0"
            failed.append(unread(file.file, PhotoUnreadable(file.file.path, reason, lasting=False)))
    return reads, failed


def _batches(
    files: Iterable[Read | Unread], size: int, stop: threading.Event
) -> Iterator[list[Read | Unread]]:
    batch: list[Read | Unread] = []
    for file in files:
        batch.append(file)
        if len(batch) == size:
            yield batch
            batch = []
        if stop.is_set():
            break
    if batch:
        yield batch


def _new(files: Iterable[Read | Unread], known: Known, in_hand: set[str]) -> dict[str, Crop]:
    """Crops by content hash, each content once, of what neither the library nor the model has in hand."""
    crops = {file.facts.content_hash: file.crop for file in files if isinstance(file, Read)}
    settled = known(list(crops)) | in_hand
    return {hash_: crop for hash_, crop in crops.items() if crop is not None and hash_ not in settled}


def _embed(embed: Embed, crops: Mapping[str, Crop]) -> Embeddings:
    if not crops:
        return {}
    vectors = embed(np.stack(list(crops.values())))
    norms = np.linalg.norm(vectors, axis=1)
    usable = np.isfinite(norms) & (norms > 0)
    return {hash_: vector for hash_, vector, good in zip(crops, vectors, usable, strict=True) if good}
