"""A small copy of a photo: upright, its own shape, without EXIF."""

from __future__ import annotations

import io

from PIL import Image

from indexer.decode import Decoded

LONGEST_EDGE = 640
"""Pixels; twice what a page gives a photo, for dense screens."""
LEAST_EDGE = 448
"""Pixels. Of a photo that was decoded smaller than this for the model, the file gives a better thumbnail."""
QUALITY = 75
SMALL_FILE = 200_000
"""Bytes. A photo of no more pixels and bytes than a thumbnail's is shown as quickly from its own file."""


def thumbnail(photo: Image.Image, longest_edge: int = LONGEST_EDGE) -> bytes:
    """A JPEG file of an upright RGB photo, its longest edge at most so long, with no metadata."""
    if max(photo.size) > longest_edge:
        size = fitted(*photo.size, longest_edge)
        # Hamming is as sharp as bicubic where a photo gets smaller, in the time of bilinear.
        photo = photo.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)
    return _as_jpeg(photo)


def thumbnail_while_indexing(decoded: Decoded) -> bytes | None:
    """The thumbnail of a photo in hand; None where it is better made of the file when it is first asked for.

    Its longest edge is anything below twice `LONGEST_EDGE`: to come nearer takes longer than all the rest.
    """
    photo = decoded.photo
    longest, whole = max(photo.size), max(decoded.facts.width, decoded.facts.height)
    if whole > longest < LEAST_EDGE or (whole <= LONGEST_EDGE and decoded.size <= SMALL_FILE):
        return None
    times = longest // LONGEST_EDGE
    return _as_jpeg(photo.reduce(times) if times > 1 else photo)


def fitted(width: int, height: int, longest_edge: int = LONGEST_EDGE) -> tuple[int, int]:
    """Width and height of the thumbnail of a photo of this size, in pixels."""
    scale = min(1.0, longest_edge / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _as_jpeg(photo: Image.Image) -> bytes:
    stream = io.BytesIO()
    bare = photo.copy()
    bare.info = {}  # exif, icc_profile and comment would otherwise be taken from the photo's
    bare.save(stream, "JPEG", quality=QUALITY)
    return stream.getvalue()
