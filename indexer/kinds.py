"""Files that Pillow does not read: which suffix needs which reader, and which extra brings it."""

from __future__ import annotations

import functools
import importlib.util
import os
from collections.abc import Callable
from io import BufferedReader
from typing import TypeAlias

from PIL import Image

from indexer.errors import PhotoUnreadable
from indexer.exposure import Exposure
from storage.kinds import RAW_FORMATS, VIDEO_FORMATS
from storage.records import PhotoFacts

RAW_SUFFIXES = tuple(f".{name.lower()}" for name in RAW_FORMATS)
VIDEO_SUFFIXES = tuple(f".{name.lower()}" for name in VIDEO_FORMATS)

Reader: TypeAlias = Callable[[BufferedReader, str], tuple[Image.Image, PhotoFacts]]
"""An open file, at its start, and the content's hash to an upright RGB picture and its facts."""


def refuse_without_extra(path: str) -> None:
    """Refuse a file whose reader is not installed, before it costs anything.

    Raises:
        PhotoUnreadable: not lasting, so that a run after the installation reads it.
    """
    suffix = os.path.splitext(path)[1].lower()
    for suffixes, what, extra, package in (
        (RAW_SUFFIXES, "RAW photo", "raw", "rawpy"),
        (VIDEO_SUFFIXES, "video", "video", "av"),
    ):
        if suffix in suffixes and not _installed(package):
            reason = f"{what}: needs the {extra} extra: pip install 'bridgelens[{extra}]'"
            raise PhotoUnreadable(path, reason, lasting=False)


def reader_of(path: str) -> Reader | None:
    """What reads this file in place of Pillow; None for a file that Pillow reads.

    Raises:
        PhotoUnreadable: it is not installed.
    """
    refuse_without_extra(path)
    suffix = os.path.splitext(path)[1].lower()
    if suffix in RAW_SUFFIXES:
        from indexer.raw import read_raw

        return read_raw
    if suffix in VIDEO_SUFFIXES:
        from indexer.video import read_video

        return read_video
    return None


def exposure_reader_of(path: str) -> Callable[[BufferedReader], Exposure] | None:
    """What reads how a RAW photo was taken; None for a file that is none.

    Raises:
        PhotoUnreadable: as `reader_of`.
    """
    refuse_without_extra(path)
    if os.path.splitext(path)[1].lower() not in RAW_SUFFIXES:
        return None
    from indexer.raw import read_raw_exposure

    return read_raw_exposure


@functools.cache
def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
