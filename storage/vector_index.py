"""The FAISS index of one model: exact inner products of unit vectors, so cosine similarities."""

import threading

import faiss
import numpy as np

from storage.errors import VectorsInvalid
from storage.photo_set import PhotoSet
from storage.records import Ids, Vector


class VectorIndex:
    """Vectors by photo id, in memory; safe to search from several threads while one adds.

    Flat behind IndexIDMap2. Source: faiss issues 4655, 4656 and 2409 for why not IVF behind it with deletes,
    and 5578 for why `reset` is never called. `storage.compressed_index` is the kind for many photos.
    """

    def __init__(self, dim: int) -> None:
        """An empty index of vectors of length `dim`."""
        self._hold(faiss.IndexIDMap2(faiss.IndexFlatIP(dim)), np.empty(0, np.int64))

    @classmethod
    def of_flat(cls, index: faiss.IndexIDMap2) -> "VectorIndex":
        """An index that was read from a file."""
        made = cls.__new__(cls)
        made._hold(index, faiss.vector_to_array(index.id_map))
        return made

    def _hold(self, index: faiss.Index, ids: Ids) -> None:
        self._index = index
        # An array: a set of Python's takes some hundred bytes an id.
        self._ids = np.sort(ids)
        self._lock = threading.RLock()

    @property
    def dim(self) -> int:
        """Length of one vector."""
        return int(self._index.d)

    def __len__(self) -> int:
        """How many vectors there are."""
        return len(self._ids)

    def __contains__(self, photo_id: object) -> bool:
        """Whether the photo's vector is here."""
        return isinstance(photo_id, (int, np.integer)) and len(self.among(np.array([photo_id]))) > 0

    def among(self, ids: Ids) -> Ids:
        """Those of the photos whose vectors are here: int64, (n,), in the order given."""
        with self._lock:
            places = np.searchsorted(self._ids, ids)
            inside = places < len(self._ids)
            inside[inside] = self._ids[places[inside]] == ids[inside]
        return ids[inside]

    @property
    def ids(self) -> Ids:
        """Every photo id, int64, (n,), ascending."""
        with self._lock:
            return self._ids.copy()

    def add(self, ids: Ids, vectors: Vector) -> None:
        """Add vectors, float32, (n, dim), unit L2 norm, under their photo ids, int64, (n,).

        Raises:
            VectorsInvalid: Shapes do not fit, a value is not finite, or an id is already here or negative.
        """
        ids = np.ascontiguousarray(ids, dtype=np.int64)
        vectors = self._checked(vectors)
        if ids.shape != (len(vectors),):
            raise VectorsInvalid(f"{len(vectors)} vectors come with ids of shape {ids.shape}")
        new = np.unique(ids)
        with self._lock:
            # FAISS would take an id twice, and find the photo twice.
            twice = self.among(new)
            if len(twice) or len(new) < len(ids) or new.min(initial=0) < 0:
                wrong = (twice if len(twice) else new)[:5].tolist()
                raise VectorsInvalid(f"photo ids must be new and at least 0: {wrong}")
            self._index.add_with_ids(vectors, ids)
            self._ids = np.insert(self._ids, np.searchsorted(self._ids, new), new)

    def vectors(self, ids: Ids) -> Vector:
        """The vectors of these photos, which are all here: float32, (n, dim)."""
        with self._lock:
            return self._index.reconstruct_batch(np.ascontiguousarray(ids, dtype=np.int64))

    def remove(self, ids: Ids) -> int:
        """Remove these photos' vectors, where they are here; how many there were."""
        with self._lock:
            here = self.among(np.unique(ids))
            if len(here):
                self._ids = np.delete(self._ids, np.searchsorted(self._ids, here))
                self._index.remove_ids(faiss.IDSelectorBatch(here))
            return len(here)

    def search(self, queries: Vector, k: int, allowed: Ids | PhotoSet | None = None) -> tuple[Vector, Ids]:
        """The nearest photos to each query, among those `allowed` when that is given.

        Best first, and equal scores in order of their ids, so a shorter answer is the start of a longer one.

        Args:
            queries: float32, (q, dim), unit L2 norm.
            k: How many to find, at least 1.
            allowed: Photo ids, int64, (m,), or a set of them that is kept from search to search; they go
                into the search, so that it finds k of them.

        Returns:
            Scores, float32, and ids, int64, both (q, c) with c = min(k, how many there are to find).

        Raises:
            VectorsInvalid: Queries do not fit the index, or k is below 1.
        """
        queries = self._checked(queries)
        if k < 1:
            raise VectorsInvalid(f"k is {k}, and at least 1 is needed")
        if isinstance(allowed, np.ndarray):
            allowed = PhotoSet(allowed)
        with self._lock:
            wanted = min(k, len(self), len(self) if allowed is None else len(allowed))
            answers = [self._best(query, wanted, allowed) for query in queries]
        found = min((len(ids) for _, ids in answers), default=0)
        scores = np.array([score[:found] for score, _ in answers], dtype=np.float32)
        ids = np.array([one[:found] for _, one in answers], dtype=np.int64)
        return scores.reshape(len(queries), found), ids.reshape(len(queries), found)

    def nearest(self, queries: Vector, k: int) -> tuple[Vector, Ids]:
        """As `search`, for many queries at once and many times faster; equal scores come in any order.

        Where fewer than min(k, photos in the index) were found, the rest of the ids are -1.
        """
        queries = self._checked(queries)
        with self._lock:
            scores, ids = self._index.search(queries, max(1, min(k, len(self))))
        return scores, ids

    def _best(self, query: Vector, wanted: int, allowed: PhotoSet | None) -> tuple[Vector, Ids]:
        """One query's scores and ids, (c,)."""
        parameters = None if allowed is None else faiss.SearchParameters(sel=selector(allowed))  # type: ignore[call-arg]
        return self._scan(query, wanted, parameters)

    def _scan(
        self, query: Vector, wanted: int, parameters: faiss.SearchParameters | None
    ) -> tuple[Vector, Ids]:
        """What FAISS finds, (c,). It picks freely among equals, so all equals are looked at."""
        fetched = wanted + 16
        while wanted > 0:
            fetched = min(fetched, len(self))
            scores, ids = (row[0] for row in self._index.search(query[None], fetched, params=parameters))
            real = ids >= 0  # FAISS fills up with -1 when it finds fewer.
            scores, ids = scores[real], ids[real]
            if fetched == len(self) or len(ids) < fetched or scores[-1] < scores[wanted - 1]:
                best = np.lexsort((ids, -scores))[:wanted]
                return scores[best], ids[best]
            fetched *= 2
        return np.empty(0, np.float32), np.empty(0, np.int64)

    def _checked(self, vectors: Vector) -> Vector:
        if vectors.ndim != 2 or vectors.shape[1] != self.dim:
            raise VectorsInvalid(f"vectors have shape {vectors.shape}, and the index takes (n, {self.dim})")
        if not np.isfinite(vectors).all():
            raise VectorsInvalid("a vector holds a value that is not finite")
        return np.ascontiguousarray(vectors, dtype=np.float32)


def selector(allowed: PhotoSet) -> faiss.IDSelector:
    """What makes FAISS search these photos alone."""
    # The stubs of faiss 1.15 give the C++ arguments here.
    return faiss.IDSelectorBitmap(allowed.bits)  # type: ignore[call-arg, arg-type]
