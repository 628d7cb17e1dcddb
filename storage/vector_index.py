"""The FAISS index of one model: exact inner products of unit vectors, so cosine similarities."""

import hashlib
import threading
from pathlib import Path

import faiss
import numpy as np

from storage.errors import IndexDamaged, VectorsInvalid
from storage.index_writing import digest
from storage.records import Ids, Vector


class VectorIndex:
    """Vectors by photo id, in memory; safe to search from several threads while one adds.

    Flat behind IndexIDMap2. Source: faiss issues 4655, 4656 and 2409 for why not IVF behind it with deletes,
    and 5578 for why `reset` is never called.
    """

    def __init__(self, dim: int) -> None:
        """An empty index of vectors of length `dim`."""
        self._hold(faiss.IndexIDMap2(faiss.IndexFlatIP(dim)))

    def _hold(self, index: faiss.IndexIDMap2) -> None:
        self._index = index
        self._present: set[int] = set(faiss.vector_to_array(index.id_map).tolist())
        self._lock = threading.RLock()

    @property
    def dim(self) -> int:
        """Length of one vector."""
        return int(self._index.d)

    def __len__(self) -> int:
        """How many vectors there are."""
        return len(self._present)

    def __contains__(self, photo_id: object) -> bool:
        """Whether the photo's vector is here."""
        return photo_id in self._present

    @property
    def ids(self) -> Ids:
        """Every photo id, int64, (n,), ascending."""
        with self._lock:
            return np.sort(faiss.vector_to_array(self._index.id_map))

    def add(self, ids: Ids, vectors: Vector) -> None:
        """Add vectors, float32, (n, dim), unit L2 norm, under their photo ids, int64, (n,).

        Raises:
            VectorsInvalid: Shapes do not fit, a value is not finite, or an id is already here or negative.
        """
        ids = np.ascontiguousarray(ids, dtype=np.int64)
        vectors = self._checked(vectors)
        if ids.shape != (len(vectors),):
            raise VectorsInvalid(f"{len(vectors)} vectors come with ids of shape {ids.shape}")
        new = set(ids.tolist())
        with self._lock:
            # FAISS would take an id twice, and find the photo twice.
            twice = new & self._present
            if twice or len(new) < len(ids) or min(new, default=0) < 0:
                raise VectorsInvalid(f"photo ids must be new and at least 0: {sorted(twice or new)[:5]}")
            self._index.add_with_ids(vectors, ids)
            self._present |= new

    def vectors(self, ids: Ids) -> Vector:
        """The vectors of these photos, which are all here: float32, (n, dim)."""
        with self._lock:
            return self._index.reconstruct_batch(np.ascontiguousarray(ids, dtype=np.int64))

    def remove(self, ids: Ids) -> int:
        """Remove these photos' vectors, where they are here; how many there were."""
        with self._lock:
            self._present.difference_update(ids.tolist())
            return self._index.remove_ids(faiss.IDSelectorBatch(np.ascontiguousarray(ids, dtype=np.int64)))

    def search(self, queries: Vector, k: int, allowed: Ids | None = None) -> tuple[Vector, Ids]:
        """The nearest photos to each query, among those `allowed` when that is given.

        Best first, and equal scores in order of their ids, so a shorter answer is the start of a longer one.

        Args:
            queries: float32, (q, dim), unit L2 norm.
            k: How many to find, at least 1.
            allowed: int64, (m,), photo ids; they go into the search, so that it finds k of them.

        Returns:
            Scores, float32, and ids, int64, both (q, c) with c = min(k, how many there are to find).

        Raises:
            VectorsInvalid: Queries do not fit the index, or k is below 1.
        """
        queries = self._checked(queries)
        if k < 1:
            raise VectorsInvalid(f"k is {k}, and at least 1 is needed")
        with self._lock:
            wanted = min(k, len(self), len(self) if allowed is None else len(allowed))
            parameters = None if allowed is None else _only(allowed)
            answers = [self._search_one(query, wanted, parameters) for query in queries]
        found = min((len(ids) for _, ids in answers), default=0)
        scores = np.array([score[:found] for score, _ in answers], dtype=np.float32)
        ids = np.array([one[:found] for _, one in answers], dtype=np.int64)
        return scores.reshape(len(queries), found), ids.reshape(len(queries), found)

    def nearest(self, queries: Vector, k: int) -> tuple[Vector, Ids]:
        """As `search`, for many queries at once and many times faster; equal scores come in any order."""
        queries = self._checked(queries)
        with self._lock:
            scores, ids = self._index.search(queries, max(1, min(k, len(self))))
        return scores, ids

    def _search_one(
        self, query: Vector, wanted: int, parameters: faiss.SearchParameters | None
    ) -> tuple[Vector, Ids]:
        """One query's scores and ids, (c,). FAISS picks freely among equals, so all equals are looked at."""
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

    @classmethod
    def load(cls, path: Path, checksum: str) -> "VectorIndex":
        """Read an index that `storage.index_writing.write` wrote.

        Raises:
            IndexDamaged: The file is absent, or its bytes are not those of the checksum.
        """
        try:
            with open(path, "rb") as file:
                # First the checksum: FAISS trusts the sizes it reads, and a damaged one can crash it.
                found = hashlib.file_digest(file, digest).hexdigest()
                if found != checksum:
                    raise IndexDamaged(f"{path} has checksum {found}, and {checksum} is expected")
                file.seek(0)
                index = faiss.read_index(faiss.PyCallbackIOReader(file.read))  # type: ignore[attr-defined]
        except OSError as problem:
            raise IndexDamaged(f"{path} cannot be read: {problem.strerror}") from problem
        if not isinstance(index, faiss.IndexIDMap2):
            raise IndexDamaged(f"{path} holds a {type(index).__name__}, and an IndexIDMap2 is expected")
        loaded = cls.__new__(cls)
        loaded._hold(index)
        return loaded

    def _checked(self, vectors: Vector) -> Vector:
        if vectors.ndim != 2 or vectors.shape[1] != self.dim:
            raise VectorsInvalid(f"vectors have shape {vectors.shape}, and the index takes (n, {self.dim})")
        if not np.isfinite(vectors).all():
            raise VectorsInvalid("a vector holds a value that is not finite")
        return np.ascontiguousarray(vectors, dtype=np.float32)


def _only(allowed: Ids) -> faiss.SearchParameters:
    """Search the allowed ids, one bit each; ids are row ids, so the highest is about the number of photos."""
    allowed = allowed[allowed >= 0]
    bits = np.zeros(int(allowed.max(initial=-1)) + 1, dtype=bool)
    bits[allowed] = True
    # The stubs of faiss 1.15 give the C++ arguments here, and leave out the callback of load.
    selector = faiss.IDSelectorBitmap(np.packbits(bits, bitorder="little"))  # type: ignore[call-arg, arg-type]
    return faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
