"""ITM over the shortlists of many captions: each photo's tower runs once, and fusion once a pair.

The states of a photo's tower are some 0.2 MB with mini and 12 MB with large, so the photos are taken in
chunks that fit a budget; each chunk is judged with all captions whose shortlist has a photo of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from search.captions import Skipped
from search.encoder import LoadPhoto, States, StatesEncoder
from search.second_look import judged_states, looks_of, no_looks

MEMORY_BUDGET = 2**30
"""Bytes of pixels and states held at once; twice that while the states are put together."""
GATHERED = 64  # photos whose states are copied side by side for one call of the model

Pixels = NDArray[np.float32]
OnProgress = Callable[[str, int, int | None], None]
"""Called with what is being done, how much of it is done, and out of how much, None where that is unknown."""


@dataclass
class Spent:
    """Seconds that went into so many of a thing."""

    seconds: float = 0.0
    count: int = 0

    def add(self, started: float, count: int) -> None:
        """What has gone by since `started`, of `time.perf_counter`, went into `count` more."""
        self.seconds += time.perf_counter() - started
        self.count += count

    @property
    def each(self) -> float:
        """Seconds a thing; 0 if there was none."""
        return self.seconds / self.count if self.count else 0.0


@dataclass
class Judged:
    """What a pass over all pairs gave.

    `log_odds` is float32 (captions, size), NaN where the photo could no longer be read, and `looks` float32
    (photos, dim or 0), as `search.second_look` has them, NaN where it was not judged. `photos` is the time
    of files and vision tower, `captions` that of the text tower, `pairs` that of fusion and ITM head.
    """

    log_odds: NDArray[np.float32]
    looks: NDArray[np.float32]
    unread: list[Skipped] = field(default_factory=list)
    photos: Spent = field(default_factory=Spent)
    captions: Spent = field(default_factory=Spent)
    pairs: Spent = field(default_factory=Spent)


def read_photos(
    encoder: StatesEncoder, load_photo: LoadPhoto, paths: Sequence[str], places: Iterable[int]
) -> tuple[list[int], Pixels | None, list[Skipped]]:
    """The places of `paths` that can be read, their pixels (None if there are none), and the others."""
    kept: list[int] = []
    pixels: list[Pixels] = []
    skipped: list[Skipped] = []
    for place in places:
        try:
            pixels.append(encoder.preprocessor(load_photo(paths[place])))
        except Exception as error:  # the loader's own errors are not known here; one photo must not end a run
            reason = str(error).removeprefix(f"{paths[place]}: ") or type(error).__name__
            skipped.append(Skipped(paths[place], reason))
        else:
            kept.append(place)
    return kept, np.stack(pixels) if pixels else None, skipped


def judge(
    encoder: StatesEncoder, load_photo: LoadPhoto, paths: Sequence[str], captions: Sequence[str],
    shortlist: NDArray[np.int64], on_progress: OnProgress, budget: int = MEMORY_BUDGET,
) -> Judged:  # fmt: skip
    """ITM log-odds of every caption with the photos of its shortlist.

    `shortlist` is int64 (captions, size), places in `paths`.

    Raises:
        model.errors.HeadMissing: the checkpoint has no image-text-matching head.
    """
    judged = Judged(np.full(shortlist.shape, np.nan, np.float32), no_looks(encoder, len(paths)))
    for chunk, states in _chunks(
        encoder, load_photo, paths, np.unique(shortlist), on_progress, budget, judged
    ):
        judged.looks[chunk] = looks_of(encoder, states, len(chunk))
        row_of = np.full(len(paths), -1, np.int64)
        row_of[chunk] = np.arange(len(chunk))
        rows = row_of[shortlist]  # a photo's row in this chunk, -1 for those of other chunks
        for query in np.flatnonzero((rows >= 0).any(axis=1)):
            columns = np.flatnonzero(rows[query] >= 0)
            started = time.perf_counter()
            caption = encoder.caption_states(captions[int(query)])
            judged.captions.add(started, 1)
            started = time.perf_counter()
            judged.log_odds[query, columns] = _match(encoder, states, rows[query, columns], caption)
            judged.pairs.add(started, len(columns))
            on_progress("Re-ranking", judged.pairs.count, shortlist.size)
    return judged


def _chunks(
    encoder: StatesEncoder, load_photo: LoadPhoto, paths: Sequence[str], places: NDArray[np.int64],
    on_progress: OnProgress, budget: int, judged: Judged,
) -> Iterator[tuple[list[int], States]]:  # fmt: skip
    """Places in `paths` and the states of their photos, as many at a time as the budget allows."""
    step, end = 1, 0  # the first photo tells how large the others are
    while end < len(places):
        start, end = end, end + step
        some = places[start:end].tolist()
        started = time.perf_counter()
        kept, pixels, unread = read_photos(
            encoder, load_photo, paths, _counted(some, start, len(places), on_progress)
        )
        judged.unread += unread
        if pixels is None:
            continue
        states = judged_states(encoder, pixels)
        judged.photos.add(started, len(kept))
        held = pixels.nbytes + states.bridged.nbytes + states.attended.nbytes
        step = max(1, budget * len(kept) // held)
        yield kept, states


def _counted(places: Sequence[int], start: int, total: int, on_progress: OnProgress) -> Iterator[int]:
    for done, place in enumerate(places, start):
        on_progress("Reading photos for the re-rank", done, total)
        yield place


def _match(
    encoder: StatesEncoder, photos: States, rows: NDArray[np.int64], caption: States
) -> NDArray[np.float32]:
    """ITM log-odds, float32 (m,), of the photos at these rows, int64 (m,), with one caption."""
    starts = range(0, len(rows), GATHERED)
    return np.concatenate(
        [encoder.match_states(photos.select(rows[start : start + GATHERED]), caption) for start in starts]
    )
