"""What the storage tests share: a model of dimension 4, photos made of plain numbers, and child processes."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from storage.database import Database
from storage.library import Library
from storage.records import Description, FileState, ModelRef, NewPhoto, PhotoFacts, Place
from storage.upgrade import upgrade

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def model() -> ModelRef:
    return ModelRef("00112233aabbccdd", "mini", 4)


@pytest.fixture
def photo() -> Callable[..., NewPhoto]:
    """Make a photo of a path, a content and its embedding; one byte and one nanosecond unless told."""

    def make(
        path: str | Path, content: str, vector: Sequence[float] | None, size: int = 1, mtime_ns: int = 1
    ) -> NewPhoto:
        embedding = None if vector is None else np.array(vector, dtype=np.float32)
        return NewPhoto(FileState(str(path), size, mtime_ns), PhotoFacts(content, 40, 30, "JPEG"), embedding)

    return make


@pytest.fixture(scope="session")
def empty_catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog without rows, to be copied: running the migrations for every test takes a while."""
    path = tmp_path_factory.mktemp("empty") / "catalog.sqlite"
    made = Database(path, write=True)
    upgrade(made)
    made.close()
    return path


@pytest.fixture
def database(tmp_path: Path, empty_catalog: Path) -> Iterator[Database]:
    """A new catalog, open for writing."""
    opened = Database(Path(shutil.copy(empty_catalog, tmp_path)), write=True)
    yield opened
    opened.close()


@pytest.fixture
def library(tmp_path: Path, empty_catalog: Path) -> Iterator[Library]:
    """A new library with the root /photos, open for writing."""
    folder = tmp_path / "library"
    folder.mkdir()
    shutil.copy(empty_catalog, folder)
    with Library.open(folder, write=True) as opened:
        opened.add_root(Path("/photos"))
        yield opened


@pytest.fixture
def child() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Start a real second Python that runs a script; ended with the test."""
    started: list[subprocess.Popen[str]] = []

    def start(script: str, *arguments: str | Path) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", script, *map(str, arguments)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


@pytest.fixture
def filled(library: Library, model: ModelRef, photo: Callable[..., NewPhoto], tmp_path: Path) -> Path:
    """The folder of a closed library: three photos in tmp_path/photos, their index saved, nothing amiss."""
    root = tmp_path / "photos"
    root.mkdir()
    library.add_root(root)
    vectors = ([1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0])
    library.add(model, [photo(root / f"{n}.jpg", f"h{n}", vector) for n, vector in enumerate(vectors, 1)])
    library.save_index(model)
    library.close()
    return library.folder


@pytest.fixture
def sql(filled: Path) -> Callable[..., list[tuple[object, ...]]]:
    """Does to the closed library's rows what bridgelens never does."""

    def run(statement: str, *values: object) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(filled / "catalog.sqlite")
        try:
            with connection:
                return connection.execute(statement, values).fetchall()
        finally:
            connection.close()

    return run


@pytest.fixture
def described(library: Library, model: ModelRef) -> Library:
    """A library of photos of which all is known, with the roots /photos and /disk.

    1  /photos/2023/rome.jpg, with a copy /disk/rome.jpg; 2023-05-31 23:59:59 at UTC-5, R5, Rome, 4 stars
    2  /photos/2023/a_b/paris.arw; 2023-06-01 00:00, r5 mark II, Paris; its sidecar has 2 stars, the file 5
    3  /photos/2024/suva.mp4; 2024-01-01, Pixel 8, Suva at 178.44 east
    4  /photos/2023/aXb/plain.jpg; nothing said
    5  /photos/gone.jpg, missing; as 1
    6  /photos/2024/moved.jpg, and missing at /photos/2023/moved.jpg; 2022-12-31, Pixel 8
    """
    library.add_root(Path("/disk"))
    vector = np.array([1, 0, 0, 0], dtype=np.float32)
    rome: dict[str, Any] = {
        "taken_at": datetime.fromisoformat("2023-05-31T23:59:59-05:00"),
        "camera": "Canon EOS R5",
    }
    where: dict[str, Any] = {"latitude": 41.9, "longitude": 12.5, "description": Description(rating=4)}
    suva: dict[str, Any] = {
        "taken_at": datetime(2024, 1, 1),
        "camera": "Pixel 8",
        "latitude": -18.14,
        "longitude": 178.44,
    }
    paris: dict[str, Any] = {"taken_at": datetime(2023, 6, 1), "camera": "Canon EOS R5 Mark II"}
    paris_place: dict[str, Any] = {"latitude": 48.86, "longitude": 2.35, "description": Description(rating=5)}
    moved: dict[str, Any] = {"taken_at": datetime(2022, 12, 31, 12), "camera": "Pixel 8"}

    def new(path: str, content: str, form: str, rating: int | None = None, **facts: Any) -> NewPhoto:
        known = PhotoFacts(content, 40, 30, form, **facts)
        return NewPhoto(FileState(path, 1, 1), known, vector, sidecar=Description(rating=rating))

    library.add(
        model,
        [
            new("/photos/2023/rome.jpg", "h1", "JPEG", **rome, **where),
            new("/disk/rome.jpg", "h1", "JPEG", **rome, **where),
            new("/photos/2023/a_b/paris.arw", "h2", "ARW", 2, **paris, **paris_place),
            new("/photos/2024/suva.mp4", "h3", "MP4", **suva),
            new("/photos/2023/aXb/plain.jpg", "h4", "JPEG"),
            new("/photos/gone.jpg", "h5", "JPEG", **rome, **where),
            new("/photos/2024/moved.jpg", "h6", "JPEG", **moved),
            new("/photos/2023/moved.jpg", "h6", "JPEG", **moved),
        ],
    )
    rome_place = Place("Rome, Lazio, Italy", "IT")
    library.set_places(
        {
            1: rome_place,
            2: Place("Paris, Île-de-France, France", "FR"),
            3: Place("Suva, Central, Fiji", "FJ"),
            5: rome_place,
            6: None,
        }
    )
    library.mark_missing(["/photos/gone.jpg", "/photos/2023/moved.jpg"])
    return library
