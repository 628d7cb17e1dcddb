"""How well photos and captions fit each other, by the cross-modal model: every photo with every caption.

Towers' states are kept, so asking again about photos seen before, with whatever caption, costs fusion alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from search.encoder import Encoder, LoadPhoto, States, StatesEncoder, can_merge, fusion_bytes, has_states
from search.reading_ahead import THREADS, LoadPixels, ReadingAhead
from search.second_look import judged_states, looks_of, no_looks
from search.states_cache import Key, StatesCache, wait
from storage.records import PhotoRecord

CHUNK = 32  # photos decoded at once, so that a long shortlist takes no more memory than a short one
PHOTO_BYTES = 3 << 29  # 1.5 GiB: a shortlist of 100 with the large checkpoint, 6,900 photos with mini
CAPTION_BYTES = 1 << 25

Mode = Literal["exact", "fast"]


@dataclass(frozen=True)
class Judgement:
    """What is found out about photos.

    `log_odds` is ITM's, float32 (photos, captions), and `looks` what a second look gave, as
    `search.second_look` has it; NaN for a photo whose file can no longer be read.
    """

    log_odds: NDArray[np.float32]
    looks: NDArray[np.float32]


class PairJudge:
    """Judges photos of a library with one model. Safe to call from several threads.

    `load_photo` opens a photo's file; `load_pixels` gives a photo's crop, from a cache perhaps, and then
    `load_photo` is not called. `photo_bytes` bounds the photos' states in the model's memory; `half_states`
    keeps those in float16.
    """

    def __init__(
        self, encoder: Encoder, load_photo: LoadPhoto, *, load_pixels: LoadPixels | None = None,
        photo_bytes: int = PHOTO_BYTES, half_states: bool = False,
    ) -> None:  # fmt: skip
        self._encoder = encoder
        self._load_pixels = load_pixels or (lambda photo: encoder.preprocessor(load_photo(photo.paths[0])))
        self._half_states = half_states
        self._photos, self._captions = StatesCache(photo_bytes), StatesCache(CAPTION_BYTES)
        self._readers = ThreadPoolExecutor(THREADS, "read-ahead")

    def log_odds(
        self, photos: Sequence[PhotoRecord], captions: Sequence[str], mode: Mode = "exact"
    ) -> NDArray[np.float32]:
        """The log-odds of `judge` alone."""
        return self.judge(photos, captions, mode).log_odds

    def judge(
        self, photos: Sequence[PhotoRecord], captions: Sequence[str], mode: Mode = "exact"
    ) -> Judgement:
        """Judge all photos with all captions.

        In mode `fast` a photo's tokens are merged, where the encoder can, which changes the log-odds.
        """
        found = self.nothing(len(photos), len(captions))
        chunks = [range(start, min(start + CHUNK, len(photos))) for start in range(0, len(photos), CHUNK)]
        reading = ReadingAhead(self._readers, self._load_pixels)
        try:
            for place, chunk in enumerate(chunks):
                ahead = (photos[row] for chunk in chunks[place : place + 2] for row in chunk)
                reading.start([photo for photo in ahead if (photo.content_hash, mode) not in self._photos])
                some = [photos[row] for row in chunk]
                part = self._judge(reading, some, captions, mode)
                found.log_odds[chunk.start : chunk.stop] = part.log_odds
                found.looks[chunk.start : chunk.stop] = part.looks
        finally:
            reading.stop()
        return found

    def nothing(self, photos: int, captions: int) -> Judgement:
        """What is known of so many before they are judged."""
        return Judgement(np.full((photos, captions), np.nan, np.float32), no_looks(self._encoder, photos))

    def _judge(
        self, reading: ReadingAhead, photos: Sequence[PhotoRecord], captions: Sequence[str], mode: Mode
    ) -> Judgement:
        """One chunk."""
        encoder = self._encoder
        found = self.nothing(len(photos), len(captions))
        if not has_states(encoder):
            pixels = reading.take(photos)
            rows = [row for row, photo in enumerate(photos) if photo.content_hash in pixels]
            if rows:
                stacked = np.stack([pixels[photos[row].content_hash] for row in rows])
                found.log_odds[rows] = encoder.match_log_odds(stacked, captions)
            return found
        states = self._photo_states(encoder, reading, photos, mode)
        rows = [row for row, photo in enumerate(photos) if photo.content_hash in states]
        if not rows:
            return found
        step = max(1, fusion_bytes(encoder) // states[photos[rows[0]].content_hash].nbytes)
        for some in (rows[start : start + step] for start in range(0, len(rows), step)):
            first, *others = [states[photos[row].content_hash] for row in some]
            joined = first.join(others)
            found.looks[some] = looks_of(encoder, joined, len(some))
            for column, caption in enumerate(captions):
                found.log_odds[some, column] = encoder.match_states(
                    joined, self._caption_states(encoder, caption)
                )
        return found

    def _photo_states(
        self, encoder: StatesEncoder, reading: ReadingAhead, photos: Sequence[PhotoRecord], mode: Mode
    ) -> dict[str, States]:
        """Each photo's states by content hash, without the photos that cannot be read."""
        by_key: dict[Key, PhotoRecord] = {(photo.content_hash, mode): photo for photo in photos}
        claim = self._photos.claim(list(by_key))
        states = {content: held for (content, _), held in claim.held.items()}
        try:
            made = self._make(encoder, reading, [by_key[key] for key in claim.mine], mode)
            for content, one in made.items():
                self._photos.give((content, mode), one)
        finally:
            self._photos.drop(claim.mine)
        waited = {key: wait(making) for key, making in claim.awaited.items()}
        dropped = [by_key[key] for key, found in waited.items() if found is None]
        states |= {content: found for (content, _), found in waited.items() if found is not None}
        return states | made | self._make(encoder, reading, dropped, mode)

    def _make(
        self, encoder: StatesEncoder, reading: ReadingAhead, photos: Sequence[PhotoRecord], mode: Mode
    ) -> dict[str, States]:
        """Run the vision tower: each photo's states, without the photos that cannot be read."""
        pixels = reading.take(photos)
        if not pixels:
            return {}
        together = judged_states(encoder, np.stack(list(pixels.values())))
        if mode == "fast" and can_merge(encoder):
            together = encoder.merged(together)
        if self._half_states:
            together = together.half()
        return {content: together.select(np.array([row])) for row, content in enumerate(pixels)}

    def _caption_states(self, encoder: StatesEncoder, caption: str) -> States:
        claim = self._captions.claim([(caption,)])
        if claim.held:
            return claim.held[caption,]
        if claim.mine:
            try:
                states = encoder.caption_states(caption)
                self._captions.give((caption,), states)
            finally:
                self._captions.drop(claim.mine)
            return states
        found = wait(claim.awaited[caption,])
        return encoder.caption_states(caption) if found is None else found
