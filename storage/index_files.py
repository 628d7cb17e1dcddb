"""The FAISS indexes of a library, one a model; a search never mixes models."""

import shlex
import threading
from collections.abc import Sequence
from pathlib import Path

from storage.catalog import Catalog
from storage.embeddings import Embeddings
from storage.errors import ModelMismatch
from storage.index_file import IndexFile
from storage.records import ModelRef


class IndexFiles:
    """Each model's index, opened when it is first asked for."""

    def __init__(self, folder: Path, catalog: Catalog, embeddings: Embeddings) -> None:
        """Work on the given library."""
        self._folder = folder
        self._catalog = catalog
        self._embeddings = embeddings
        self._opened: dict[str, IndexFile] = {}
        self._lock = threading.Lock()

    def save_all(self) -> None:
        """Write every model's file anew where the rows have changed, and remove those without rows.

        Raises:
            LibraryUnwritable: The folder cannot be written to, or the disk is full.
        """
        for model_id, model, _ in self._embeddings.models():
            with self._lock:
                opened = self._opened.get(model.fingerprint)
            (opened or IndexFile(self._folder, self._embeddings, model_id, model)).save_or_remove()

    def of(self, model: ModelRef) -> IndexFile | None:
        """The model's index; None while the library holds no embeddings at all.

        Raises:
            ModelMismatch: It holds embeddings, but of other models.
        """
        with self._lock:
            if model.fingerprint in self._opened:
                return self._opened[model.fingerprint]
            held = [(model_id, ref) for model_id, ref, embedded in self._embeddings.models() if embedded]
            for model_id, ref in held:
                if (ref.fingerprint, ref.dim) == (model.fingerprint, model.dim):
                    opened = IndexFile(self._folder, self._embeddings, model_id, ref)
                    self._opened[model.fingerprint] = opened
                    return opened
        if held:
            raise ModelMismatch(
                _mismatch(self._folder, self._catalog.roots(), model, [ref for _, ref in held])
            )
        return None


def _mismatch(folder: Path, roots: Sequence[str], asked: ModelRef, held: Sequence[ModelRef]) -> str:
    """What a user reads when the library knows only other models."""
    folders = " ".join(shlex.quote(root) for root in roots) if len(roots) <= 3 else "FOLDER..."
    names = ", ".join(f"{model.name} ({model.fingerprint})" for model in held)
    return (
        f"the library {folder} holds embeddings of {names}, and none of {asked.name} ({asked.fingerprint}); "
        f"embed it with `bridgelens index {folders} --model {shlex.quote(asked.name)}`, "
        f"or search with --model {shlex.quote(held[0].name)}"
    )
