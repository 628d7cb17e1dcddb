"""A model's FAISS index kept level with its rows; the file is a cache, and the rows are always right."""

import threading
from pathlib import Path

import numpy as np

from storage import index_writing
from storage.embeddings import Embeddings, IndexFileRecord
from storage.errors import IndexDamaged, LibraryUnwritable
from storage.records import ModelRef
from storage.vector_index import VectorIndex

_LOAD_TRIES = 3


class IndexFile:
    """The index of one model: in memory from its file and, for what that lacks, from the rows."""

    def __init__(self, folder: Path, embeddings: Embeddings, model_id: int, model: ModelRef) -> None:
        """Nothing is read before it is asked for: a run that only adds needs no index in memory."""
        self.path = folder / f"index-{model.fingerprint}.faiss"
        self._embeddings = embeddings
        self._model_id = model_id
        self._dim = model.dim
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
            if self._index is None:
                self._index = self._load()
            elif prunings != self._prunings:
                self._index.remove(np.setdiff1d(self._index.ids, self._embeddings.photo_ids(self._model_id)))
            self._prunings = prunings
            while rows := self._embeddings.after(self._model_id, self._dim, self._mark):
                anew = [photo_id for photo_id in rows.photo_ids.tolist() if photo_id in self._index]
                if anew:  # their rows were damaged, and they were embedded again
                    self._index.remove(np.array(anew, dtype=np.int64))
                self._index.add(rows.photo_ids, rows.vectors)
                self._mark = rows.last_id
            return self._index

    def save_or_remove(self) -> None:
        """Write the file if it lacks anything; without any row there is to be none."""
        if len(self._embeddings.photo_ids(self._model_id)):
            self.save()
        else:
            self.path.unlink(missing_ok=True)

    def save(self) -> None:
        """Write the file from the rows, a part at a time, if it lacks more than a hundredth of them.

        A search reads from the rows what the file lacks; to write a large file for each photo that comes
        would cost more.

        The file comes before its record: a crash between the two leaves a checksum that does not fit, and the
        next opening rebuilds the index from the rows.

        Raises:
            LibraryUnwritable: The folder cannot be written to, or the disk is full.
        """
        before = self._embeddings.index_file(self._model_id)
        with self._embeddings.all_of(self._model_id, self._dim) as rows:
            if before and self._is_good(before) and 100 * (rows.count - before.count) <= before.count:
                return
            try:
                checksum = index_writing.write(self.path, self._dim, rows.count, rows.vectors, rows.photo_ids)
            except OSError as problem:
                raise LibraryUnwritable(
                    f"cannot write {self.path}: {problem.strerror}; no photo is lost, "
                    "free some disk space and run `bridgelens index FOLDER` again"
                ) from problem
        generation = before.generation + 1 if before else 1
        record = IndexFileRecord(generation, checksum, rows.count, rows.last_id)
        self._embeddings.record_index_file(self._model_id, record)
        self._found_damaged = False

    def _is_good(self, record: IndexFileRecord) -> bool:
        """Whether the file is what was recorded, as far as one can tell without reading it."""
        try:
            size = self.path.stat().st_size
        except OSError:
            return False
        return size == index_writing.size(self._dim, record.count) and not self._found_damaged

    def _load(self) -> VectorIndex:
        """The index of the file, and `_mark` with it; an empty one where the file is not as it should be."""
        for _ in range(_LOAD_TRIES):
            record = self._embeddings.index_file(self._model_id)
            if record is None:
                break
            try:
                index = VectorIndex.load(self.path, record.checksum)
            except IndexDamaged:
                if self._embeddings.index_file(self._model_id) == record:
                    self._found_damaged = True
                    break
                # A writer saved a new file between our two looks: look again.
                continue
            if len(index) == record.count and index.dim == self._dim:
                self._mark = record.last_embedding_id
                return index
            break
        return VectorIndex(self._dim)
