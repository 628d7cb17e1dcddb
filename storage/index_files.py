"""The FAISS indexes of a library, one a model; a search never mixes models."""

import shlex
import threading
from collections.abc import Sequence
from pathlib import Path

from storage.database import Database
from storage.embeddings import Embeddings
from storage.errors import ModelMismatch
from storage.index_file import EXACT_LIMIT, IndexFile
from storage.records import ModelRef


class IndexFiles:
    """Each model's index, opened when it is first asked for."""

    def __init__(
        self, folder: Path, database: Database, embeddings: Embeddings, exact_limit: int = EXACT_LIMIT
    ) -> None:
        """Work on the given library; `exact_limit` is the most photos for which an index is exact."""
        self._folder = folder
        self._database = database
        self._embeddings = embeddings
        self._exact_limit = exact_limit
        self._opened: dict[str, IndexFile] = {}
        self._restored: str | None = None
        self._lock = threading.Lock()

    def save_all(self) -> None:
        """Write every model's file anew where the rows have changed, and remove those without rows.

        Raises:
            LibraryUnwritable: The folder cannot be written to, or the disk is full.
        """
        for model_id, model, _ in self._embeddings.models():
            with self._lock:
                opened = self._opened.get(model.fingerprint)
            (opened or self._file(model_id, model)).save_or_remove()

    def kinds(self) -> dict[str, str]:
        """By fingerprint how each model's photos are found, as a person reads it."""
        found = {}
        for model_id, model, embedded in self._embeddings.models():
            if embedded:
                found[model.fingerprint] = str(self._file(model_id, model).described() or "exact")
        return found

    def of(self, model: ModelRef) -> IndexFile | None:
        """The model's index; None while the library holds no embeddings at all.

        Raises:
            ModelMismatch: It holds embeddings, but of other models.
        """
        with self._lock:
            self._forget_what_was_replaced()
            if model.fingerprint in self._opened:
                return self._opened[model.fingerprint]
            held = [(model_id, ref) for model_id, ref, embedded in self._embeddings.models() if embedded]
            for model_id, ref in held:
                if (ref.fingerprint, ref.dim) == (model.fingerprint, model.dim):
                    opened = self._file(model_id, ref)
                    self._opened[model.fingerprint] = opened
                    return opened
        if held:
            raise ModelMismatch(_mismatch(self._folder, model, [ref for _, ref in held]))
        return None

    def _file(self, model_id: int, model: ModelRef) -> IndexFile:
        return IndexFile(self._folder, self._embeddings, model_id, model, self._exact_limit)

    def _forget_what_was_replaced(self) -> None:
        """After a restore, ids mean other photos, also to a web page that has been open all the time."""
        restored = self._database.setting("restored")
        if restored != self._restored:
            self._opened.clear()
            self._restored = restored


def _mismatch(folder: Path, asked: ModelRef, held: Sequence[ModelRef]) -> str:
    """What a user reads when the library knows only other models."""
    names = ", ".join(f"{model.name} ({model.fingerprint})" for model in held)
    text = (
        f"the library {folder} holds embeddings of {names}, and none of {asked.name} ({asked.fingerprint}); "
        f"embed it with `bridgelens reindex --model {shlex.quote(asked.name)}`"
    )
    # An update of a model has the name of the one before, which cannot be loaded any more.
    others = [model.name for model in held if model.name != asked.name]
    return f"{text}, or search with --model {shlex.quote(others[0])}" if others else text
