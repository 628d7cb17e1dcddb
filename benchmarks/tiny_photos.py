"""Many photos that cost next to nothing to decode and to embed: what is left is the bookkeeping."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

IN_A_FOLDER = 1000


class FirstPixels:
    """Makes of a photo its first pixel: uint8 (1, 1, 3)."""

    def resized(self, width: int, height: int) -> tuple[int, int]:
        """One pixel, whatever the photo's size."""
        return 1, 1

    def crop_of(self, photo: Image.Image) -> NDArray[np.uint8]:
        """The first pixel."""
        return np.asarray(photo.crop((0, 0, 1, 1)))


class FirstPixel:
    """Stands in for a model: an embedding is a photo's first pixel, red, green, blue and a little white."""

    name = "first pixel"
    fingerprint = "f" * 16
    dim = 4
    preprocessor = FirstPixels()

    def embed_images(self, crops: NDArray[np.uint8], /) -> NDArray[np.float32]:
        """Embeddings, float32, (n, 4), unit L2 norm."""
        white = np.ones((len(crops), 1), dtype=np.float32)
        colours = np.concatenate([crops.reshape(len(crops), 3).astype(np.float32), white], axis=1)
        unit: NDArray[np.float32] = colours / np.linalg.norm(colours, axis=1, keepdims=True)
        return unit


def make_photos(folder: Path, count: int) -> None:
    """Write so many PNGs of one pixel, no two alike (up to 2**24), a thousand a folder."""
    for number, path in zip(range(count), _places(folder), strict=False):
        path.write_bytes(one_pixel(number))


def one_pixel(number: int) -> bytes:
    """A PNG of one pixel whose colour is the number.

    Source: PNG specification, third edition, chapters 5.3 (chunks) and 11.2.1 (IHDR).
    """
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    line = b"\0" + number.to_bytes(3, "big")
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(line)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _places(folder: Path) -> Iterator[Path]:
    number = 0
    while True:
        here = folder / f"year {number // 10:03}" / f"month {number % 10}"
        here.mkdir(parents=True)
        yield from (here / f"IMG_{each:05}.png" for each in range(IN_A_FOLDER))
        number += 1
