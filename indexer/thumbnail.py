"""A small copy of a photo: upright, its own shape, without EXIF."""

from __future__ import annotations

import io

from PIL import Image

from indexer.decode import Decoded

LONGEST_EDGE = 640
"""Pixels; twice what a page gives a photo, for dense screens."""
LEAST_EDGE = 448
"""Pixels. A photo that was decoded smaller than this for the model has a better thumbnail made of its file."""
SMALL_FILE = 200_000
"""Bytes. A photo of no more pixels and bytes than a thumbnail's is shown as quickly from its own file."""


def thumbnail(photo: Image.Image, longest_edge: int = LONGEST_EDGE) -> bytes:
    """A JPEG file of an upright RGB photo, its longest edge at most so long, with no metadata."""
    small = photo
    if max(photo.size) > longest_edge:
        size = fitted(*photo.size, longest_edge)
        # Hamming is as sharp as bicubic where a photo gets smaller, in the time of bilinear.
        small = photo.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)
    stream = io.BytesIO()
    # A fresh image carries no info; exif, icc_profile and comment would otherwise be taken from the photo's.
    Image.frombytes(small.mode, small.size, small.tobytes()).save(stream, "JPEG", quality=80)
    return stream.getvalue()


def thumbnail_while_indexing(decoded: Decoded) -> bytes | None:
    """The thumbnail of a photo in hand; None where it is better made of the file when it is first asked for."""
    photo = decoded.photo
    longest, whole = max(photo.size), max(decoded.facts.width, decoded.facts.height)
    if whole > longest < LEAST_EDGE or (whole <= LONGEST_EDGE and decoded.size <= SMALL_FILE):
        return None
    return thumbnail(photo)


def fitted(width: int, height: int, longest_edge: int = LONGEST_EDGE) -> tuple[int, int]:
    """Width and height of the thumbnail of a photo of this size, in pixels."""
    scale = min(1.0, longest_edge / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
