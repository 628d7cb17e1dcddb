"""The map of a library, drawn in the background and kept: whoever comes next finds it ready."""

from __future__ import annotations

import hashlib
import os
import threading
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search.photo_map import positions, sample
from storage.library import Library
from storage.opening import BACKGROUND
from storage.records import Ids, ModelRef

THREAD = "photo map"


@dataclass(frozen=True, slots=True)
class PhotoMap:
    """Where photos lie.

    Attributes:
        photo_ids: int64, (n,), ascending.
        points: float32, (n, 2), from 0 to 1.
        key: Which library this is a map of: another one when photos came or went, or the model changed.
    """

    photo_ids: Ids
    points: NDArray[np.float32]
    key: str


class MapDesk:
    """Draws one map at a time, in a thread; safe to share between visits.

    Attributes:
        problem: Why the last drawing failed; empty when it did not.
    """

    def __init__(self, folder: Path) -> None:
        """Keep maps in the library folder `folder`; where that cannot be written to, in memory alone."""
        self._folder = folder / BACKGROUND
        self._lock = threading.Lock()
        self._drawn: dict[str, PhotoMap] = {}
        self._thread: threading.Thread | None = None
        self.problem = ""

    def latest(self, model: ModelRef) -> PhotoMap | None:
        """The map that was drawn last of this model's embeddings, which may be of an older library."""
        with self._lock:
            if model.fingerprint not in self._drawn:
                kept = _read(self._path(model))
                if kept is not None:
                    self._drawn[model.fingerprint] = kept
            return self._drawn.get(model.fingerprint)

    def is_drawing(self) -> bool:
        """Whether a map is being drawn."""
        return self._thread is not None and self._thread.is_alive()

    def draw(self, library: Library, model: ModelRef) -> None:
        """Begin to draw a map, unless one is being drawn."""
        with self._lock:
            if self.is_drawing():
                return
            # A daemon: the server does not wait for it when it is stopped.
            self._thread = threading.Thread(
                target=self._work, args=(library, model), name=THREAD, daemon=True
            )
            self._thread.start()

    def _work(self, library: Library, model: ModelRef) -> None:
        self.problem = ""
        try:
            present = library.present_photo_ids()
            found = library.embeddings(sample(present).tolist(), model)
            vectors = np.stack([*found.values()]) if found else np.empty((0, model.dim), np.float32)
            drawn = PhotoMap(np.array([*found], np.int64), positions(vectors), key_of(present, model))
        except Exception as problem:  # it ends this drawing, and is said on the page
            self.problem = str(problem) or type(problem).__name__
            return
        with self._lock:
            self._drawn[model.fingerprint] = drawn
        with suppress(OSError):
            _write(self._path(model), drawn)

    def _path(self, model: ModelRef) -> Path:
        return self._folder / f"map-{model.fingerprint}.npz"


def key_of(present: Ids, model: ModelRef) -> str:
    """What differs when the photos that are there, int64, or the model do."""
    return hashlib.sha256(present.tobytes() + model.fingerprint.encode()).hexdigest()[:16]


def _write(path: Path, drawn: PhotoMap) -> None:
    path.parent.mkdir(exist_ok=True)
    partial = path.with_suffix(".part")
    try:
        with partial.open("wb") as file:
            np.savez(file, photo_ids=drawn.photo_ids, points=drawn.points, key=np.array(drawn.key))
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _read(path: Path) -> PhotoMap | None:
    """The map in a file; None when there is none, or it is no map of ours."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            found = PhotoMap(held["photo_ids"], held["points"], str(held["key"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    count = len(found.photo_ids)
    ours = found.photo_ids.shape == (count,) and found.points.shape == (count, 2)
    return found if ours and found.photo_ids.dtype == np.int64 else None
