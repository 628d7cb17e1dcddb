"""Copies of photos for a page: as they were made while indexing, else of the file, never the file."""

from __future__ import annotations

import os
from functools import partial

from indexer.thumbnail import fitted, thumbnail
from storage.library import Library
from storage.records import PhotoRecord
from ui.compose import decode_first

LARGE_EDGE = 1600
"""Pixels; what a page shows of one photo alone."""


def library_thumbnail(record: PhotoRecord, library: Library) -> bytes:
    """The thumbnail of a photo in the library, a JPEG file.

    One that was kept is shown even while its disk is not plugged in; one that was not is made of the first
    file that lies under a root of the library and can be read, and kept.

    Raises:
        PhotoUnreadable: no file can be read any more.
        FileNotFoundError: the photo has no file under a root.
    """
    kept = library.thumbnails.get(record.content_hash)
    if kept is not None:
        return kept
    decoded = decode_first(paths_to_show(record, library), fitted)
    made = thumbnail(decoded.photo)
    library.thumbnails.put(decoded.facts.content_hash, made)
    return made


def large_copy(record: PhotoRecord, library: Library) -> bytes:
    """A photo in the library at most `LARGE_EDGE` long, a JPEG file without metadata; made now, and not kept.

    Raises:
        PhotoUnreadable, FileNotFoundError: as `library_thumbnail`.
    """
    size = partial(fitted, longest_edge=LARGE_EDGE)
    return thumbnail(decode_first(paths_to_show(record, library), size).photo, LARGE_EDGE)


def paths_to_show(record: PhotoRecord, library: Library) -> list[str]:
    """The files of a photo that lie under a root of the library, wherever links lead; one at least.

    Raises:
        FileNotFoundError: there is none.
    """
    folders = library.roots()
    paths = [path for path in record.paths if any(is_under(path, folder) for folder in folders)]
    if not paths:
        raise FileNotFoundError("the file is no longer there")
    return paths


def is_under(path: str, folder: str) -> bool:
    """Whether `path` lies in `folder` once every symbolic link in both is followed."""
    real, root = os.path.realpath(path), os.path.realpath(folder)
    return real != root and os.path.commonpath((real, root)) == root
