"""A set of photos as one bit each, which is how FAISS reads which of them a search may find."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from storage.records import Ids


class PhotoSet:
    """Photo ids, none below 0. Ids are row ids, so that the highest is about the number of photos.

    Attributes:
        bits: uint8, (ceil((highest id + 1) / 8),), the bit of an id in the byte id // 8, lowest first.
    """

    def __init__(self, ids: Ids) -> None:
        """The photos with these ids, int64, (n,), in any order; what is below 0 is no photo."""
        ids = ids[ids >= 0]
        there = np.zeros(int(ids.max(initial=-1)) + 1, dtype=bool)
        there[ids] = True
        self.bits: NDArray[np.uint8] = np.packbits(there, bitorder="little")
        self._count = int(np.count_nonzero(there))

    def __len__(self) -> int:
        """How many photos."""
        return self._count

    def holds(self, ids: Ids) -> NDArray[np.bool_]:
        """Which of the photos, int64, (n,), are in it: bool, (n,)."""
        held = (ids >= 0) & (ids < 8 * len(self.bits))
        some = ids[held]
        held[held] = self.bits[some >> 3] >> (some & 7) & 1
        return held

    @property
    def ids(self) -> Ids:
        """Every photo id, int64, (n,), ascending."""
        return np.flatnonzero(np.unpackbits(self.bits, bitorder="little")).astype(np.int64, copy=False)
