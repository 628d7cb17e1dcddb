"""A model's FAISS index kept level with its rows; the file is a cache, and the rows are always right."""

import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from storage import compressed_writing, index_description, index_loading, index_writing
from storage.all_rows import AllRows
from storage.compressed_index import CompressedIndex
from storage.embeddings import Embeddings, IndexFileRecord
from storage.errors import IndexDamaged, LibraryUnwritable
from storage.index_description import IndexDescription
from storage.photo_set import PhotoSet
from storage.records import Ids, ModelRef, Vector
from storage.vector_index import VectorIndex

EXACT_LIMIT = 50_000
"""Photos up to which the index is exact.

Of twice as many, with 512 dimensions, one search took 17 ms of one core (benchmarks/shortlist.py, Intel
Xeon with AVX512); from there on the compressed one is the quicker by far."""
RETRAIN = 4
"""How many times larger a library may grow before its compressed index is trained again: the lists are then
four times as long, and twice as many would suit them."""
_LOAD_TRIES = 3


@dataclass(frozen=True, slots=True)
class IndexLag:
    """How far a model's file is behind the rows, as far as one can tell without reading it.

    Attributes:
        embedded: Photos that the model has embedded.
        lacking: How many of them the file does not hold; a search reads them from the rows.
        damaged: Whether the file is not what was recorded, so that it holds none.
    """

    embedded: int = 0
    lacking: int = 0
    damaged: bool = False


class IndexFile:
    """The index of one model: in memory from its file and, for what that lacks, from the rows."""

    def __init__(
        self,
        folder: Path,
        embeddings: Embeddings,
        model_id: int,
        model: ModelRef,
        exact_limit: int = EXACT_LIMIT,
    ) -> None:
        """Nothing is read before it is asked for: a run that only adds needs no index in memory."""
        self.path = folder / f"index-{model.fingerprint}.faiss"
        self._embeddings = embeddings
        self._model_id = model_id
        self._dim = model.dim
        self._exact_limit = exact_limit
        self._lock = threading.Lock()
        self._index: VectorIndex | None = None
        # The last embedding that the index in memory holds, and how many prunings it has seen.
        self._mark = 0
        self._prunings = 0
        self._found_damaged = False

    def level(self) -> VectorIndex:
        """The index with every row there is now; without a good file it is built from the rows alone."""
        with self._lock:
            prunings = self._embeddings.prunings()
            if self._index is None or self._is_outgrown(self._index):
                self._index = self._load()
            elif prunings != self._prunings:
                self._drop_pruned(self._index)
            self._prunings = prunings
            while rows := self._embeddings.after(self._model_id, self._dim, self._mark):
                # Their rows were damaged, and they were embedded again.
                self._index.remove(self._index.among(rows.photo_ids))
                self._index.add(rows.photo_ids, rows.vectors)
                self._mark = rows.last_id
            return self._index

    def described(self) -> IndexDescription | None:
        """How the file's index is compressed; None where it is exact, or there is no file to tell."""
        try:
            return index_description.read(self.path)
        except IndexDamaged:
            return None

    def lag(self) -> IndexLag:
        """How far the file is behind; what a search found damaged is known from then on."""
        record = self._embeddings.index_file(self._model_id)
        damaged = record is not None and not self._is_good(record, self.described())
        if record is None or damaged:
            embedded = self._embeddings.count_after(self._model_id, 0)
            return IndexLag(embedded, embedded, damaged)
        lacking = self._embeddings.count_after(self._model_id, record.last_embedding_id)
        return IndexLag(record.count + lacking, lacking)

    def save_or_remove(self) -> None:
        """Write the file if it lacks anything; without any row there is to be none."""
        if len(self._embeddings.photo_ids(self._model_id)):
            self.save()
        else:
            self.path.unlink(missing_ok=True)

    def save(self) -> None:
        """Write the file from the rows, a part at a time, if it lacks more than a hundredth of them.

        A search reads from the rows what the file lacks; to write a large file for each photo that comes
        would cost more. What was forgotten leaves the file at once.

        The file comes before its record: a crash between the two leaves a checksum that does not fit, and the
        next opening rebuilds the index from the rows.

        Raises:
            LibraryUnwritable: The folder cannot be written to, or the disk is full.
        """
        before, described = self._embeddings.index_file(self._model_id), self.described()
        with self._embeddings.all_of(self._model_id, self._dim) as rows:
            compressed = rows.count > (self._exact_limit // 2 if described else self._exact_limit)
            if before and not self._is_good(before, described):
                before = None
            if before and compressed == (described is not None):
                held = self._embeddings.count_up_to(self._model_id, before.last_embedding_id)
                if held == before.count and 100 * (rows.count - held) <= held:
                    return
            try:
                checksum = self._write(rows, before, described) if compressed else self._write_exact(rows)
            except OSError as problem:
                raise LibraryUnwritable(
                    f"cannot write {self.path}: {problem.strerror}; no photo is lost, "
                    "free some disk space and run `bridgelens index FOLDER` again"
                ) from problem
        generation = before.generation + 1 if before else 1
        record = IndexFileRecord(generation, checksum, rows.count, rows.last_id)
        self._embeddings.record_index_file(self._model_id, record)
        self._found_damaged = False

    def _write_exact(self, rows: AllRows) -> str:
        vectors = (vectors for _, vectors in rows.parts())
        return index_writing.write(self.path, self._dim, rows.count, vectors, rows.photo_ids())

    def _write(
        self, rows: AllRows, before: IndexFileRecord | None, described: IndexDescription | None
    ) -> str:
        """Write the compressed kind: what the file has is kept, unless it was trained on far fewer photos."""
        if before and described and rows.count <= RETRAIN * described.trained_on:
            try:
                index_loading.check(self.path, before.checksum)
            except IndexDamaged:
                self._found_damaged = True
            else:
                kept = PhotoSet(rows.photo_ids_up_to(before.last_embedding_id))
                new = rows.parts(after=before.last_embedding_id)
                return compressed_writing.extend(self.path, described, kept, new)
        return compressed_writing.build(self.path, self._dim, rows.count, rows.parts)

    def _is_good(self, record: IndexFileRecord, described: IndexDescription | None) -> bool:
        """Whether the file is what was recorded, as far as one can tell without reading it."""
        if self._found_damaged:
            return False
        if described is not None:
            return described.count == record.count
        try:
            size = self.path.stat().st_size
        except OSError:
            return False
        return size == index_writing.size(self._dim, record.count)

    def _is_outgrown(self, index: VectorIndex) -> bool:
        """Whether an exact index in memory has become too large, and the file has the kind for that."""
        if len(index) <= self._exact_limit or isinstance(index, CompressedIndex) or self._found_damaged:
            return False
        return self.described() is not None

    def _drop_pruned(self, index: VectorIndex) -> None:
        index.remove(np.setdiff1d(index.ids, self._embeddings.photo_ids(self._model_id)))

    def _load(self) -> VectorIndex:
        """The index of the file, and `_mark` with it; an empty one where the file is not as it should be."""
        for _ in range(_LOAD_TRIES):
            record = self._embeddings.index_file(self._model_id)
            if record is None:
                break
            try:
                index = index_loading.load(self.path, record.checksum, self._rows)
            except IndexDamaged:
                if self._embeddings.index_file(self._model_id) == record:
                    self._found_damaged = True
                    break
                # A writer saved a new file between our two looks: look again.
                continue
            if len(index) == record.count and index.dim == self._dim:
                self._mark = record.last_embedding_id
                if self._embeddings.count_up_to(self._model_id, self._mark) < len(index):
                    self._drop_pruned(index)
                return index
            break
        self._mark = 0
        return VectorIndex(self._dim)

    def _rows(self, ids: Ids) -> tuple[Ids, Vector]:
        return self._embeddings.of_photos(self._model_id, self._dim, ids)
