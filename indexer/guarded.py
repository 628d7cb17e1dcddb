"""One photo decoded in a child process: for a file from a stranger, which may hang or kill its decoder."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from PIL import Image

from indexer.decode import decode
from indexer.draft import Resized
from indexer.errors import PhotoUnreadable, WorkerLost
from indexer.workers import Workers


def decode_guarded(
    path: str | Path, workers: Workers, resized: Resized | None = None, at_most: int | None = None
) -> Image.Image:
    """The photo, upright and RGB, as `indexer.decode.decode` gives it; waits for it.

    `at_most` is how many pixels its longer edge may have; a longer one is made shorter by the child already.

    Raises:
        PhotoUnreadable: as `decode`, or the child died or was ended at its limits.
    """
    name = os.fspath(path)
    try:
        decoded = workers.submit(partial(_decoded, resized, at_most), name, os.path.getsize(name)).result()
    except WorkerLost as lost:
        raise PhotoUnreadable(name, lost.reason, lasting=lost.lasting) from lost
    if isinstance(decoded, Image.Image):
        return decoded
    reason, lasting = decoded
    raise PhotoUnreadable(name, reason, lasting=lasting)


def _decoded(resized: Resized | None, at_most: int | None, path: str) -> Image.Image | tuple[str, bool]:
    """The photo, or the reason why there is none: a task must not raise."""
    try:
        photo = decode(path, resized).photo
    except PhotoUnreadable as error:
        return error.reason, error.lasting
    if at_most is not None:
        photo.thumbnail((at_most, at_most))
    return photo
