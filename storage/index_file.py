"""A model's FAISS index kept level with its rows; the file is a cache, and the rows are always right."""

import threading
from pathlib import Path

import numpy as np

from storage.embeddings import Embeddings, IndexFileRecord
from storage.errors import IndexDamaged, LibraryUnwritable
from storage.records import ModelRef
from storage.vector_index import VectorIndex

_LOAD_TRIES = 3


class IndexFile:
    """The index of one model, from its file where that is good, and from the rows for the rest."""

    def __init__(self, folder: Path, embeddings: Embeddings, model_id: int, model: ModelRef) -> None:
        """Read the file as far as it is good; `level` reads the rest."""
        self.path = folder / f"index-{model.fingerprint}.faiss"
        self._embeddings = embeddings
        self._model_id = model_id
        self._dim = model.dim
        self._lock = threading.Lock()
        # The last embedding the index in memory holds, and the last one the good file holds.
        self._mark = 0
        self._saved_mark = 0
        self._index = VectorIndex(model.dim)
        self._load()

    def level(self) -> VectorIndex:
        """The index with every row there is now; an empty mark reads them all, which is how it is rebuilt."""
        with self._lock:
            while rows := self._embeddings.after(self._model_id, self._dim, self._mark):
                anew = [photo_id for photo_id in rows.photo_ids.tolist() if photo_id in self._index]
                if anew:  # their rows were damaged, and they were embedded again
                    self._index.remove(np.array(anew, dtype=np.int64))
                self._index.add(rows.photo_ids, rows.vectors)
                self._mark = rows.last_id
            return self._index

    def save(self) -> None:
        """Write the file, if it lacks anything.

        The file comes before its record: a crash between the two leaves a checksum that does not fit, and the
        next opening rebuilds the index from the rows.

        Raises:
            LibraryUnwritable: The folder cannot be written to, or the disk is full.
        """
        index = self.level()
        if self._mark == self._saved_mark:
            return
        before = self._embeddings.index_file(self._model_id)
        try:
            checksum = index.save(self.path)
        except OSError as problem:
            raise LibraryUnwritable(
                f"cannot write {self.path}: {problem.strerror}; no photo is lost, "
                "free some disk space and run `bridgelens index FOLDER` again"
            ) from problem
        record = IndexFileRecord(before.generation + 1 if before else 1, checksum, len(index), self._mark)
        self._embeddings.record_index_file(self._model_id, record)
        self._saved_mark = self._mark

    def _load(self) -> None:
        for _ in range(_LOAD_TRIES):
            record = self._embeddings.index_file(self._model_id)
            if record is None:
                return
            try:
                index = VectorIndex.load(self.path, record.checksum)
            except IndexDamaged:
                if self._embeddings.index_file(self._model_id) == record:
                    return
                # A writer saved a new file between our two looks: look again.
                continue
            if len(index) == record.count and index.dim == self._dim:
                self._index = index
                self._mark = self._saved_mark = record.last_embedding_id
            return
