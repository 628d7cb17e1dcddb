"""What the storage tests share: a model of dimension 4, photos made of plain numbers, and child processes."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from storage.database import Database
from storage.library import Library
from storage.records import FileState, ModelRef, NewPhoto, PhotoFacts
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
def unwritable(tmp_path: Path) -> Iterator[Callable[[Path], Path]]:
    """Makes a copy of a folder that nothing can be written to, even for root, who becomes nobody."""
    nobody = 65534
    if not hasattr(os, "geteuid"):
        pytest.skip("permissions of this kind are POSIX only")
    place = Path(tempfile.mkdtemp()).resolve() / "copy"
    was_root = os.geteuid() == 0

    def make(folder: Path) -> Path:
        shutil.copytree(folder, place)
        place.parent.chmod(0o755)
        place.chmod(0o555)
        if was_root:
            os.seteuid(nobody)
        return place

    yield make
    if was_root:
        os.seteuid(0)
    if place.exists():
        place.chmod(0o700)
    shutil.rmtree(place.parent)
