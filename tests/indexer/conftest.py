"""Photos to index: real files in a temporary folder, written by Pillow."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

from indexer.workers import ChildProcesses, Workers
from storage.library import Library
from tests.indexer.tiny import TinyEncoder

NOBODY = 65534


@pytest.fixture
def encoder() -> TinyEncoder:
    return TinyEncoder()


class Threads(ThreadPoolExecutor):
    """Workers in this process, for tests that change what is done between two looks at a file."""

    count = 2

    def submit(self, task, item, size=0, /):  # type: ignore[no-untyped-def, override]
        return super().submit(task, item)


@pytest.fixture
def threads() -> Iterator[Workers]:
    with Threads(2) as pool:
        yield pool


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """Child processes as the product has them, the same for all tests of the session."""
    with ChildProcesses(2) as children:
        yield children


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path.resolve() / "library", create=True, write=True) as opened:
        yield opened


@pytest.fixture(scope="session", autouse=True)
def heif_writer() -> None:
    pillow_heif.register_heif_opener()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """An empty folder for photos, its path free of links."""
    folder = tmp_path.resolve() / "photos"
    folder.mkdir()
    return folder


@pytest.fixture
def save(photos: Path) -> Callable[..., Path]:
    """Writes a photo of one colour: `save("a/b.jpg", "red", size=(8, 4))`; folders are made as needed."""

    def write(name: str, colour: str | tuple[int, ...] = "red", size: tuple[int, int] = (16, 8)) -> Path:
        path = photos / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, colour).save(path)
        return path

    return write


@pytest.fixture
def ordinary_user() -> Iterator[Path]:
    """A folder of one's own, with the rights of an ordinary user even when the tests run as root."""
    if not hasattr(os, "geteuid"):
        pytest.skip("permissions of this kind are POSIX only")
    folder = Path(tempfile.mkdtemp()).resolve()
    was_root = os.geteuid() == 0
    if was_root:
        os.chown(folder, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    try:
        yield folder
    finally:
        if was_root:
            os.seteuid(0)
        for inner, folders, _ in os.walk(folder):
            for name in folders:
                (Path(inner) / name).chmod(0o700)
        shutil.rmtree(folder)
