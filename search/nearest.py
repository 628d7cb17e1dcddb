"""All photos of a folder in the order of similarity, and the shortlists in the order of a re-rank."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.captions import CaptionedFolder, Skipped
from search.encoder import LoadPhoto, StatesEncoder
from search.errors import NothingReadable
from search.evaluate import ranks
from search.judging import OnProgress, read_photos
from search.rerank import rerank_order

BATCH = 32  # photos decoded and embedded at once
BLOCK = 1024  # captions whose similarities with all photos are held at once


@dataclass(frozen=True)
class Near:
    """The photos nearest to each caption.

    `own` is int64 (captions,), the rank of its own photo, 0 for the first. `shortlist` int64 (captions, size)
    has the places of the nearest photos, best first, and `similarities` float32 their cosines.
    """

    own: NDArray[np.int64]
    shortlist: NDArray[np.int64]
    similarities: NDArray[np.float32]
    seconds_per_query: float

    def of(self, rows: NDArray[np.int64]) -> Near:
        """Those of some captions, by int64 rows."""
        return Near(self.own[rows], self.shortlist[rows], self.similarities[rows], self.seconds_per_query)


def embed_photos(
    folder: CaptionedFolder, encoder: StatesEncoder, load_photo: LoadPhoto, on_progress: OnProgress
) -> tuple[CaptionedFolder, NDArray[np.float32]]:
    """The folder without the photos that cannot be read, and embeddings of the others, float32 (n, dim).

    Raises:
        NothingReadable: none can be read.
        model.errors.HeadMissing: the checkpoint has no contrastive heads; no photo is read then.
    """
    embeddings = [np.empty((0, encoder.dim), np.float32)]
    kept: list[int] = []
    skipped: list[Skipped] = []
    total = len(folder.photos)
    for start in range(0, total, BATCH):
        places = range(start, min(start + BATCH, total))
        some, pixels, unread = read_photos(encoder, load_photo, folder.photos, places)
        skipped += unread
        if pixels is not None:
            embeddings.append(encoder.embed_images(pixels))
            kept += some
        on_progress("Embedding photos", places.stop, total)
    if not kept:
        raise NothingReadable(
            f"expected photos that can be read, found none among {total:,}; "
            f"the first is {skipped[0].path}: {skipped[0].reason}. Name the folder that holds the photos."
        )
    return folder.only(kept, skipped), np.concatenate(embeddings)


def nearest(
    folder: CaptionedFolder, encoder: StatesEncoder, photos: NDArray[np.float32], size: int,
    on_progress: OnProgress,
) -> Near:  # fmt: skip
    """The `size` nearest of `photos`, float32 (n, dim) embeddings, for every caption of the folder."""
    started = time.perf_counter()
    blocks = []
    for start in range(0, len(folder.captions), BLOCK):
        on_progress("Embedding captions", start, len(folder.captions))
        owner = folder.photo_of_caption[start : start + BLOCK]
        similarity = encoder.embed_captions(folder.captions[start : start + BLOCK]) @ photos.T
        shortlist = np.argsort(-similarity, axis=1, kind="stable")[:, :size]
        near = np.take_along_axis(similarity, shortlist, axis=1)
        blocks.append((ranks(similarity, owner), shortlist, near))
    own, shortlist, near = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    seconds = (time.perf_counter() - started) / len(folder.captions)
    return Near(own, shortlist, near, seconds)


def rerank_orders(
    meant: NDArray[np.float32], log_odds: NDArray[np.float32], weight: float, sizes: Iterable[int]
) -> dict[int, list[list[int]]]:
    """For each size, the order that a search with so long a shortlist gives to that of each caption.

    `meant` is float32 (captions, longest size), what the order counts with for the cosines; `log_odds` has
    the same shape, NaN where there are none.
    """
    odds = [[None if np.isnan(value) else float(value) for value in row] for row in log_odds]
    similarities = meant.tolist()
    lengths = sorted({min(size, meant.shape[1]) for size in sizes})
    return {
        size: [
            rerank_order(close[:size], row[:size], weight)
            for close, row in zip(similarities, odds, strict=True)
        ]
        for size in lengths
    }


def own_ranks(near: Near, owner: NDArray[np.int64], orders: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """The rank (0 is first) of each caption's own photo with its shortlist in a new order, int64 (captions,).

    `owner` is int64 (captions,), the place of its own photo. `orders` has places of each shortlist, best
    first; it may cover the beginning of a shortlist, and behind it nothing changes.
    """
    after = near.own.copy()
    for row, order in enumerate(orders):
        hits = np.flatnonzero(near.shortlist[row, list(order)] == owner[row])
        if len(hits):
            after[row] = hits[0]
    return after
