"""One file to an upright RGB photo and its facts, or `PhotoUnreadable` with the reason.

A file is hashed and decoded through one open descriptor, so the hash, the facts and the pixels belong
together even when the file is renamed or deleted meanwhile.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BufferedReader
from pathlib import Path

from PIL import Image

from indexer.description import read_description
from indexer.draft import Resized, draft
from indexer.errors import PhotoUnreadable
from indexer.exif import ExifFacts, read_exif
from indexer.exposure import Exposure, exposure_in
from indexer.fingerprint import perceptual_hash
from indexer.kinds import VIDEO_SUFFIXES, exposure_reader_of, reader_of
from indexer.pixel_limit import DECODED_LIMIT, PIXEL_LIMIT, refuse_too_large
from indexer.reasons import reason_for
from indexer.upright import to_upright_rgb, upright_size
from storage.records import PhotoFacts, storable_ns

# The only decoders a file may reach.
_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "HEIF", "AVIF")


@dataclass(frozen=True, slots=True)
class Inspected:
    """A photo's facts from its header, with the file's size in bytes and time of last change in ns."""

    facts: PhotoFacts
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Decoded:
    """An upright RGB photo, its facts, and the file's size in bytes and time of last change in ns."""

    photo: Image.Image
    facts: PhotoFacts
    size: int
    mtime_ns: int


def content_hash(path: str | Path) -> str:
    """BLAKE2b of the whole file, 16 bytes as 32 hex digits: the identity of a photo.

    Raises:
        PhotoUnreadable: when the file cannot be read.
    """
    with _opened(os.fspath(path)) as opened:
        return opened.content_hash


def inspect(path: str | Path) -> Inspected:
    """The photo's facts from its header; the pixels are not checked (a PNG's are, its EXIF may follow them).

    Raises:
        PhotoUnreadable: when the file cannot be read or is not a photo.
    """
    read_other = reader_of(os.fspath(path))
    if read_other is not None:
        # A preview or a key frame is found no quicker than its facts alone.
        decoded = decode(path)
        return Inspected(decoded.facts, decoded.size, decoded.mtime_ns)
    with _opened(os.fspath(path)) as opened:
        with _image(opened) as image:
            facts = _facts(image, read_exif(image), opened.content_hash)
        return Inspected(facts, opened.stat.st_size, storable_ns(opened.stat.st_mtime_ns))


def decode(path: str | Path, resized: Resized | None = None) -> Decoded:
    """The whole photo: upright, RGB, transparency on white, the first frame of several.

    With `resized`, a JPEG that is far larger than it will be resized to is decoded at a half, a quarter or an
    eighth of its size, which is several times faster; see `indexer.draft`. The facts are of the whole.

    Raises:
        PhotoUnreadable: when the file cannot be read, is not a photo, is cut short or damaged, has more than
            `PIXEL_LIMIT` pixels, or changes while it is read.
    """
    read_other = reader_of(os.fspath(path))
    with _opened(os.fspath(path)) as opened:
        if read_other is not None:
            photo, facts = read_other(opened.stream, opened.content_hash)
        else:
            with _image(opened) as image:
                exif = read_exif(image)
                facts = _facts(image, exif, opened.content_hash)
                if resized is not None:
                    draft(image, exif.orientation, resized)
                    refuse_too_large(opened.stream.name, *image.size, DECODED_LIMIT)
                image.load()
                photo = to_upright_rgb(image, exif.orientation)
        facts = replace(facts, phash=perceptual_hash(photo))
        return Decoded(photo, facts, opened.stat.st_size, storable_ns(opened.stat.st_mtime_ns))


def read_exposure(path: str | Path, content: str) -> Exposure:
    """How the photo with this content hash was taken; a video says nothing of that.

    Raises:
        PhotoUnreadable: as `inspect`, or the file holds another content by now.
    """
    name = os.fspath(path)
    if os.path.splitext(name)[1].lower() in VIDEO_SUFFIXES:  # before all of it is hashed
        return Exposure()
    read_raw = exposure_reader_of(name)
    with _opened(name) as opened:
        if opened.content_hash != content:
            raise PhotoUnreadable(name, "holds something else by now", lasting=False)
        if read_raw is not None:
            return read_raw(opened.stream)
        with _image(opened) as image:
            return exposure_in(image)


@dataclass(frozen=True, slots=True)
class _Opened:
    stream: BufferedReader
    content_hash: str
    stat: os.stat_result


@contextmanager
def _opened(path: str) -> Iterator[_Opened]:
    """Open and hash one file; whatever fails inside leaves as PhotoUnreadable."""
    size, head = 0, b""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # opening a named pipe would wait for its writer for ever
            raise PhotoUnreadable(path, "not a file: expected a regular file")
        with open(path, "rb") as stream:
            before = os.fstat(stream.fileno())
            size, head = before.st_size, stream.read(16)
            try:
                if not head:
                    raise PhotoUnreadable(path, "empty file: 0 bytes")
                yield _Opened(stream, _hash(stream), before)
            finally:
                after = os.fstat(stream.fileno())
                if (after.st_size, after.st_mtime_ns) != (size, before.st_mtime_ns):
                    raise PhotoUnreadable(path, "changed while it was being read", lasting=False)
    except PhotoUnreadable:
        raise
    except Exception as error:  # Pillow's decoders raise many kinds; one photo must not end a run
        reason, lasting = reason_for(error, size=size, head=head)
        raise PhotoUnreadable(path, reason, lasting=lasting) from error


def _hash(stream: BufferedReader) -> str:
    stream.seek(0)
    return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


@contextmanager
def _image(opened: _Opened) -> Iterator[Image.Image]:
    """Open the picture in a file, its header only, and refuse a size that would fill the memory."""
    _register_decoders()
    opened.stream.seek(0)
    with Image.open(opened.stream, formats=_FORMATS) as image:
        refuse_too_large(opened.stream.name, image.width, image.height)
        yield image


@functools.cache
def _register_decoders() -> None:
    """Add HEIC to Pillow and move Pillow's own pixel limit to ours; at first use, to keep imports quick."""
    import pillow_heif

    # What Pillow says of a file's EXIF block, on stderr and with a line of its own source, helps nobody here.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
    logging.getLogger("PIL").setLevel(logging.CRITICAL)

    Image.init()
    pillow_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = PIXEL_LIMIT


def _facts(image: Image.Image, exif: ExifFacts, content_hash: str) -> PhotoFacts:
    width, height = upright_size(image, exif.orientation)
    return PhotoFacts(
        content_hash=content_hash,
        width=width,
        height=height,
        # MPO is Pillow's name for a JPEG with further pictures behind the first.
        format="JPEG" if image.format == "MPO" else str(image.format),
        taken_at=exif.taken_at,
        camera=exif.camera,
        latitude=exif.latitude,
        longitude=exif.longitude,
        description=read_description(image),
    )
