"""A picture that a visitor drops in to search with, decoded where it can do no harm."""

from __future__ import annotations

import tempfile

from PIL import Image

from indexer.errors import PhotoUnreadable
from indexer.guarded import decode_guarded
from indexer.workers import Workers

ENDINGS = ("jpg", "jpeg", "png", "webp", "heic", "heif", "avif", "tif", "tiff", "bmp", "gif")
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
            return decode_guarded(copy.name, workers, at_most=EDGE)
        except PhotoUnreadable as error:
            raise PhotoUnreadable("the picture", error.reason) from error
