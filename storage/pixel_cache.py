"""Photos as a model takes them, kept in a `PhotoCache`: a re-rank decodes no original twice."""

from collections.abc import Mapping
from math import isqrt
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from storage.photo_cache import PhotoCache

Crop: TypeAlias = NDArray[np.uint8]


class PixelCache:
    """Crops, uint8 (side, side, 3), by content hash and by the fingerprint of the model they were made for.

    Bytes as they are: what comes out is what went in, bit for bit. Safe to share between threads.
    """

    def __init__(self, cache: PhotoCache) -> None:
        """Keep them in this file."""
        self._cache = cache

    @property
    def problem(self) -> str | None:
        """Why nothing more is written; None while all is well."""
        return self._cache.problem

    def get(self, content_hash: str, fingerprint: str) -> Crop | None:
        """A crop of its own, uint8 (side, side, 3); None when there is none."""
        content = self._cache.get(content_hash, fingerprint)
        if content is None:
            return None
        side = isqrt(len(content) // 3)
        if not side or len(content) != 3 * side * side:
            return None
        return np.frombuffer(content, np.uint8).reshape(side, side, 3).copy()

    def put(self, content_hash: str, fingerprint: str, crop: Crop) -> None:
        """Keep a crop; those used least recently make room for it."""
        self._cache.put(content_hash, crop.tobytes(), fingerprint)

    def fill(self, crops: Mapping[str, Crop], fingerprint: str) -> None:
        """Keep as many of these, by content hash, as there is room for."""
        self._cache.fill({content_hash: crop.tobytes() for content_hash, crop in crops.items()}, fingerprint)

    def size_bytes(self) -> int:
        """Bytes on the disk."""
        return self._cache.size_bytes()
