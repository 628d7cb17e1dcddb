"""Photos' pixels read by several threads while the model runs: decoders let other threads work meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeAlias

from numpy.typing import NDArray

from storage.records import PhotoRecord

LoadPixels: TypeAlias = Callable[[PhotoRecord], NDArray[Any]]
"""A photo's crop, uint8 (side, side, 3), or its pixels, float32 (3, side, side); raises where it cannot."""
THREADS = min(8, os.cpu_count() or 1)


class ReadingAhead:
    """The pixels of the photos of one request; those announced by `start` are read in the background."""

    def __init__(self, pool: ThreadPoolExecutor, load_pixels: LoadPixels) -> None:
        self._pool, self._load_pixels = pool, load_pixels
        self._reading: dict[str, Future[NDArray[Any] | None]] = {}

    def start(self, photos: Sequence[PhotoRecord]) -> None:
        """Begin to read these; each content once."""
        for photo in photos:
            if photo.content_hash not in self._reading:
                self._reading[photo.content_hash] = self._pool.submit(self._read, photo)

    def take(self, photos: Sequence[PhotoRecord]) -> dict[str, NDArray[Any]]:
        """Pixels by content hash, without the photos that cannot be read."""
        self.start(photos)
        found = {photo.content_hash: self._reading[photo.content_hash].result() for photo in photos}
        for content in found:
            del self._reading[content]
        return {content: pixels for content, pixels in found.items() if pixels is not None}

    def stop(self) -> None:
        """Leave unread what was announced and not taken."""
        for reading in self._reading.values():
            reading.cancel()

    def _read(self, photo: PhotoRecord) -> NDArray[Any] | None:
        try:
            return self._load_pixels(photo)
        except Exception:
            # The loader's own errors are not known here. Whatever it was, the photo keeps its place in the
            # shortlist and shows no probability; indexing again reports the reason.
            return None
