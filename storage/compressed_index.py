"""The FAISS index of a library too large for the exact one: lists of like photos, a byte a dimension.

A search looks through the lists whose centres are nearest to the query, and sets what it finds in order by
the embeddings that the catalog holds: similarities are exact. What can be missed is a photo in another list.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import faiss
import numpy as np

from storage.photo_set import PhotoSet
from storage.records import Ids, Vector
from storage.vector_index import VectorIndex, selector

Rows: TypeAlias = Callable[[Ids], tuple[Ids, Vector]]
"""From photo ids to those that have an embedding, int64, (n,), and it, float32, (n, dim), unit L2 norm."""

# The stubs of faiss 1.15 leave it out.
_Map = faiss.DirectMap  # type: ignore[attr-defined]

WINDOW = 256
"""Photos that are set in exact order together. A byte a dimension moves a similarity by less than 0.001, so
that the 100 best are among so many."""
ALL_LISTS = 100_000
"""Allowed photos up to which every list is looked through, so that a filter misses nothing."""


class CompressedIndex(VectorIndex):
    """Vectors by photo id in an IVF index with ids of its own, to which adding and removing are native."""

    def __init__(self, index: faiss.IndexIVF, probes: int, rows: Rows | None = None) -> None:
        """Hold a trained index.

        Args:
            index: With all it holds; `storage.compressed_writing` makes it.
            probes: How many of its lists a search looks through, at least 1.
            rows: The exact embeddings; without them every photo keeps the score that its code gives it.
        """
        self._hold(index, _ids(index))
        self._lists = index
        self._probes = probes
        self._rows = rows
        index.nprobe = probes

    def vectors(self, ids: Ids) -> Vector:
        """The vectors of these photos, which are all here, as a byte a dimension gives them."""
        with self._lock:
            # Where each photo lies takes memory, and only a check-up asks for it.
            if self._lists.direct_map.type == _Map.NoMap:
                self._lists.set_direct_map_type(_Map.Hashtable)
            return super().vectors(ids)

    def remove(self, ids: Ids) -> int:
        """Remove these photos' vectors, where they are here; how many there were."""
        with self._lock:
            self._lists.set_direct_map_type(_Map.NoMap)
            return super().remove(ids)

    def _best(self, query: Vector, wanted: int, allowed: PhotoSet | None) -> tuple[Vector, Ids]:
        """One query's scores and ids, (c,), the beginning of one order that does not depend on `wanted`.

        That order is: what the nearest lists hold, a window after the other, each in exact order; then, where
        more is asked for than they hold, what twice as many lists hold besides, and so on.
        """
        scores, ids = np.empty(0, np.float32), np.empty(0, np.int64)
        for parameters in self._widening(allowed):
            if len(ids) >= wanted:
                break
            end = _window_end(wanted - len(ids))
            more = self._scan(query, min(len(ids) + end, len(self)), parameters)
            fresh = ~np.isin(more[1], ids)
            scores_there, ids_there = self._in_exact_order(query, more[0][fresh], more[1][fresh])
            scores, ids = np.concatenate([scores, scores_there]), np.concatenate([ids, ids_there])
        return scores[:wanted], ids[:wanted]

    def _widening(self, allowed: PhotoSet | None) -> Iterator[faiss.SearchParametersIVF]:
        """How to search: first as usual, then through twice as many lists each time, at last through all."""
        total, probes = self._lists.nlist, self._probes
        if allowed is not None:
            # As many allowed photos are looked at as there would be photos without a filter.
            fewer = max(len(self), 1) / max(len(allowed), 1)
            probes = total if len(allowed) <= ALL_LISTS else int(np.ceil(probes * max(fewer, 1)))
        while True:
            options = {} if allowed is None else {"sel": selector(allowed)}
            yield faiss.SearchParametersIVF(nprobe=min(probes, total), **options)  # type: ignore[call-arg]
            if probes >= total:
                return
            probes *= 2

    def _in_exact_order(self, query: Vector, scores: Vector, ids: Ids) -> tuple[Vector, Ids]:
        """Each window sorted by the embeddings in the catalog; one that is not there keeps its score."""
        scores = scores.copy()
        if self._rows is not None and len(ids):
            held, vectors = self._rows(ids)
            places = np.argsort(ids)
            # Unlike a matrix product, a row's sum does not depend on the other rows: equals stay equal.
            exact = np.einsum("nd,d->n", vectors, query)
            scores[places[np.searchsorted(ids, held, sorter=places)]] = exact
        order = np.lexsort((ids, -scores, _window_of(np.arange(len(ids)))))
        return scores[order], ids[order]


def _window_of(rank: Ids) -> Ids:
    """The number of the window a rank lies in; each is as long as all before it, so that they are few."""
    return np.ceil(np.log2(np.maximum((rank + 1) / WINDOW, 1))).astype(np.int64)


def _window_end(wanted: int) -> int:
    """The rank at which the window ends that so many photos reach into."""
    return WINDOW << int(_window_of(np.array([wanted - 1]))[0])


def _ids(index: faiss.IndexIVF) -> Ids:
    """Every id in its lists."""
    lists, found = index.invlists, [np.empty(0, np.int64)]
    assert lists is not None
    for place in range(index.nlist):
        if size := lists.list_size(place):
            found.append(faiss.rev_swig_ptr(lists.get_ids(place), size).copy())
    return np.concatenate(found)
