"""A picture that a visitor drops in to search with, decoded where it can do no harm."""

from __future__ import annotations

import tempfile
from pathlib import Path

from PIL import Image

from indexer.decode import decode
from indexer.errors import PhotoUnreadable, WorkerLost
from indexer.workers import Workers

ENDINGS = ("jpg", "jpeg", "png", "webp", "heic", "heif", "avif", "tif", "tiff", "bmp", "gif")
LARGEST_MB = 40
EDGE = 1024
"""Pixels of the longer edge that are kept: more than any checkpoint takes."""


def picture(file: bytes, ending: str, workers: Workers) -> Image.Image:
    """The upright RGB photo in the bytes of a file, its longer edge at most `EDGE`; decoded by a worker.

    The bytes are in a temporary file for as long as that takes. `ending` is one of `ENDINGS`.

    Raises:
        PhotoUnreadable: it is damaged, too large, or no photo.
    """
    with tempfile.NamedTemporaryFile(prefix="bridgelens-", suffix=f".{ending}") as copy:
        copy.write(file)
        copy.flush()
        try:
            found = workers.submit(_decoded, copy.name, len(file)).result()
        except WorkerLost as error:
            raise PhotoUnreadable("the picture", str(error)) from error
    if isinstance(found, str):
        raise PhotoUnreadable("the picture", found)
    return found


def _decoded(path: str) -> Image.Image | str:
    """What a worker does: the photo, or why there is none."""
    try:
        photo = decode(Path(path)).photo
    except PhotoUnreadable as error:
        return error.reason
    photo.thumbnail((EDGE, EDGE))
    return photo
