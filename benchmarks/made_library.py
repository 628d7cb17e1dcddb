"""A library of made-up embeddings without photos: real rows, written at the speed of SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from storage.library import Library
from storage.records import ModelRef

MODEL = ModelRef("ma1e0f0000000000", "made up", 512)
BLOCK = 10_000

FILE = "INSERT INTO files (id, root_id, relative_path, size, mtime_ns, photo_id) VALUES (?, 1, ?, 1, 1, ?)"
PHOTO = "INSERT INTO photos (id, content_hash, width, height, format) VALUES (?, ?, 40, 30, 'JPEG')"
EMBEDDING = "INSERT INTO embeddings (id, photo_id, model_id, vector) VALUES (?, ?, 1, ?)"


def make(folder: Path, vectors: Path) -> None:
    """Make a library in which photo n + 1 has embedding n of an .npy file, float16, (count, 512)."""
    with Library.open(folder, create=True, write=True) as library:
        library.add_root(Path("/made/up"))
        library.models.activate(MODEL)
    whole = np.load(vectors, mmap_mode="r")
    with closing(sqlite3.connect(folder / "catalog.sqlite")) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for start in range(0, len(whole), BLOCK):
            ids = range(start + 1, min(start + BLOCK, len(whole)) + 1)
            with connection:
                connection.executemany(PHOTO, ((n, f"{n:032x}") for n in ids))
                connection.executemany(FILE, ((n, f"{n}.jpg".encode(), n) for n in ids))
                connection.executemany(EMBEDDING, _rows(whole[start : start + BLOCK], ids))


def _rows(vectors: np.ndarray, ids: range) -> Iterator[tuple[int, int, bytes]]:
    yield from ((n, n, vector.astype("<f2").tobytes()) for n, vector in zip(ids, vectors, strict=True))
