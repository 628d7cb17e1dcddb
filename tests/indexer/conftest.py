"""Photos to index: real files in a temporary folder, written by Pillow."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image

from storage.library import Library

NOBODY = 65534


class TinyEncoder:
    """Embeds a photo as the colours of its four quarters: 12 numbers, scaled to unit length.

    So red photos score 1 with each other and 0 with blue ones. It counts the photos that it is shown.
    """

    name = "tiny"
    dim = 12

    def __init__(self, fingerprint: str = "t" * 16) -> None:
        self.fingerprint = fingerprint
        self.seen = 0

    def preprocessor(self, photo: Image.Image) -> NDArray[np.float32]:
        small = photo.resize((2, 2), Image.Resampling.BOX)
        return np.asarray(small, dtype=np.float32).transpose(2, 0, 1)

    def embed_images(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        self.seen += len(pixels)
        flat = pixels.reshape(len(pixels), -1)
        return np.asarray(flat / np.linalg.norm(flat, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture
def encoder() -> TinyEncoder:
    return TinyEncoder()


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
