"""How many lists of a compressed index a search has to look through, measured on the library's own photos."""

import faiss
import numpy as np

from storage.records import Ids, Vector

RECALL = 0.99
"""The share of the nearest photos that have to lie in the lists looked through."""
TOGETHER = 512
"""Photos that are compared with the sample at a time."""
NEAREST = 100
"""How many nearest photos count: as many as a shortlist has."""


class Probing:
    """The nearest photos to a sample, found by comparing it with every photo that is looked at."""

    def __init__(self, sample: Vector, index: faiss.IndexIVF) -> None:
        """Measure with a sample of the photos, float32, (n, dim), and an index that is trained."""
        self._sample = sample
        _, nearest = index.quantizer.search(sample, index.nlist)
        # For each photo of the sample the place of every list in the order of how near its centre is.
        self._rank = np.argsort(nearest, axis=1)
        self._scores = np.full((len(sample), NEAREST + 1), -np.inf, np.float32)
        self._lists = np.zeros((len(sample), NEAREST + 1), np.int64)

    def __len__(self) -> int:
        """Photos in the sample."""
        return len(self._sample)

    def look_at(self, vectors: Vector, lists: Ids) -> None:
        """Take in photos: float32, (n, dim), and the number of the list each is in, int64, (n,)."""
        for start in range(0, len(lists), TOGETHER):
            some = slice(start, start + TOGETHER)
            near = self._sample @ vectors[some].T
            scores = np.concatenate([self._scores, near], axis=1)
            numbers = np.concatenate([self._lists, np.broadcast_to(lists[some], near.shape)], axis=1)
            best = np.argpartition(-scores, NEAREST, axis=1)[:, : NEAREST + 1]
            self._scores = np.take_along_axis(scores, best, axis=1)
            self._lists = np.take_along_axis(numbers, best, axis=1)

    def needed(self) -> tuple[int, float]:
        """The fewest lists that reach `RECALL`, at least 1, and the share found in them."""
        order = np.argsort(-self._scores, axis=1)[:, 1:]  # the nearest is the photo itself
        scores = np.take_along_axis(self._scores, order, axis=1)
        ranks = np.take_along_axis(self._rank, np.take_along_axis(self._lists, order, axis=1), axis=1)
        ranks = np.sort(ranks[np.isfinite(scores)])
        if not len(ranks):
            return 1, 1.0
        probes = int(ranks[int(np.ceil(RECALL * len(ranks))) - 1]) + 1
        return probes, float(np.mean(ranks < probes))
