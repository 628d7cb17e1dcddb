"""Versions of one photo, as of a burst or resized, folded into one place of the answer.

Two photos are versions of one where their perceptual hashes and their embeddings are both near. Folding goes
down the ranked order, and each photo joins the first before it that it is a version of; so what comes later
changes nothing before it, and a shorter answer is the start of a longer one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from search.duplicates import LEAST_SIMILARITY, NEAR_BITS
from storage.library import Library
from storage.records import ModelRef, PhotoRecord


class Versions:
    """Which photos of one search are versions of one; found once, whatever order they are in later."""

    def __init__(self, library: Library, model: ModelRef, photos: Sequence[PhotoRecord]) -> None:
        """Compare all hashes, and the embeddings of those photos only that have a near one."""
        pairs = _near_hashes(photos)
        embeddings = library.embeddings(sorted({photo_id for pair in pairs for photo_id in pair}), model)
        self._of: dict[int, set[int]] = {}
        for one, other in pairs:
            first, second = embeddings.get(one), embeddings.get(other)
            if first is not None and second is not None and float(first @ second) >= LEAST_SIMILARITY:
                self._of.setdefault(one, set()).add(other)
                self._of.setdefault(other, set()).add(one)

    def of(self, photo_id: int) -> set[int]:
        """The other photos that are versions of this one."""
        return self._of.get(photo_id, set())


def fold(ranked: Sequence[int], versions: Versions) -> list[list[int]]:
    """Photo ids, best first, in groups: the photo to show, then its versions, best first."""
    groups: list[list[int]] = []
    shown: dict[int, int] = {}  # the first photo of each group, and the group's place
    for photo_id in ranked:
        places = [shown[other] for other in versions.of(photo_id) if other in shown]
        if places:
            groups[min(places)].append(photo_id)
        else:
            shown[photo_id] = len(groups)
            groups.append([photo_id])
    return groups


def _near_hashes(photos: Sequence[PhotoRecord]) -> list[tuple[int, int]]:
    """Pairs of ids of photos whose hashes are near; without a hash a photo is in none."""
    ids = [photo.photo_id for photo in photos if photo.phash is not None]
    hashes = np.array([photo.phash for photo in photos if photo.phash is not None], np.int64).view(np.uint64)
    pairs = []
    for place in range(1, len(ids)):
        near = np.bitwise_count(hashes[:place] ^ hashes[place]) <= NEAR_BITS
        pairs += [(ids[other], ids[place]) for other in np.flatnonzero(near).tolist()]
    return pairs
