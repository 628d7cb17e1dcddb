"""RAW photos by LibRaw: the preview that the camera put into the file, else the sensor's data developed.

A preview is what the photographer saw, and takes a hundredth of the time. This module needs the `raw` extra.
"""

from __future__ import annotations

import os
from contextlib import suppress
from io import BufferedReader, BytesIO

import rawpy
from PIL import ExifTags, Image

from indexer.errors import PhotoUnreadable
from indexer.exif import EXIF_IFD, ExifFacts, directory_of, facts_of
from indexer.exposure import Exposure, exposure_of
from indexer.pixel_limit import refuse_too_large
from indexer.upright import to_upright_rgb
from storage.records import PhotoFacts

LEAST_PREVIEW_SIDE = 600
"""Pixels of a preview's shortest side from which it is used; the models see 224 to 384."""

# LibRaw's words for a turn, as EXIF orientations. Source: LibRaw's documentation of sizes.flip.
_ORIENTATIONS = {3: 3, 5: 8, 6: 6}
_HEAD = 1_000_000  # the tags of every maker lie within the first kilobytes


def read_raw(stream: BufferedReader, content_hash: str) -> tuple[Image.Image, PhotoFacts]:
    """The upright photo in RGB, and its facts; its size is the sensor's, not the preview's.

    Raises:
        PhotoUnreadable: LibRaw does not know the file, or it is damaged, or too large.
    """
    stream.seek(0)
    with rawpy.RawPy() as raw:
        try:
            raw.open_buffer(stream)
            width, height = raw.sizes.width, raw.sizes.height
            orientation = _ORIENTATIONS.get(raw.sizes.flip, 1)
            if orientation in (6, 8):
                width, height = height, width
            refuse_too_large(stream.name, width, height)
            photo = _preview(raw, orientation, upright=(width, height)) or _developed(raw)
        except rawpy.LibRawError as error:
            text = error.args[0] if error.args else ""
            reason = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
            raise PhotoUnreadable(stream.name, f"RAW photo that LibRaw cannot read: {reason}") from error
    exif = read_raw_exif(stream)
    facts = PhotoFacts(
        content_hash=content_hash,
        width=width,
        height=height,
        format=os.path.splitext(stream.name)[1][1:].upper(),
        taken_at=exif.taken_at,
        camera=exif.camera,
        latitude=exif.latitude,
        longitude=exif.longitude,
    )
    return photo, facts


def read_raw_exif(stream: BufferedReader | BytesIO) -> ExifFacts:
    """The EXIF facts of a RAW file."""
    return facts_of(*_directories(stream))


def read_raw_exposure(stream: BufferedReader | BytesIO) -> Exposure:
    """How a RAW photo was taken, as its EXIF says; nothing where it cannot be read."""
    base, photo, _ = _directories(stream)
    return exposure_of(photo or directory_of(base, EXIF_IFD))


def _directories(stream: BufferedReader | BytesIO) -> tuple[Image.Exif, Image.Exif | None, Image.Exif | None]:
    """The EXIF block of a RAW file, and its Exif and GPS directories where these lie elsewhere.

    Most files are TIFFs, some hold a JPEG with EXIF, CR3 has four small TIFFs.
    """
    stream.seek(0)
    head = stream.read(_HEAD)
    if head[4:8] == b"ftyp":
        base, photo, gps = (_tags(head[at + 4 :]) if (at := head.find(name)) >= 0 else Image.Exif()
                            for name in (b"CMT1", b"CMT2", b"CMT4"))  # fmt: skip
        return base, photo, gps
    if (at := head.find(b"Exif\0\0")) >= 0 and head[:2] not in (b"II", b"MM"):  # Fujifilm's RAF
        return _tags(head[at + 6 :]), None, None
    return _tags(head), None, None


def _tags(tiff: bytes) -> Image.Exif:
    """The tags of a TIFF; Olympus and Panasonic write other letters in place of its 42."""
    exif = Image.Exif()
    magic = b"*\0" if tiff[:2] == b"II" else b"\0*"
    with suppress(Exception):  # as in indexer.exif: a broken block gives fewer facts
        exif.load_from_fp(BytesIO(tiff[:2] + magic + tiff[4:]))
    return exif


def _preview(raw: rawpy.RawPy, orientation: int, upright: tuple[int, int]) -> Image.Image | None:
    """The camera's preview, upright; None when there is none that is large enough."""
    try:
        thumb = raw.extract_thumb()
        if isinstance(thumb.data, bytes):
            image: Image.Image = Image.open(BytesIO(thumb.data), formats=("JPEG",))
            image.load()
        else:
            image = Image.fromarray(thumb.data)
        written = image.getexif().get(ExifTags.Base.Orientation)
    except (rawpy.LibRawError, OSError, ValueError, SyntaxError):  # no preview, or a damaged one
        return None
    if min(image.size) < LEAST_PREVIEW_SIDE:
        return None
    turn = written if isinstance(written, int) and 1 <= written <= 8 else orientation
    photo = to_upright_rgb(image, turn)
    # Some previews are stored upright under the sensor's tag, and some say nothing and lie on their side.
    if _is_tall(*photo.size) != _is_tall(*upright):
        photo = to_upright_rgb(image, 1 if _is_tall(*image.size) == _is_tall(*upright) else orientation)
    return photo


def _is_tall(width: int, height: int) -> bool:
    return height > width


def _developed(raw: rawpy.RawPy) -> Image.Image:
    """The sensor's data at half its size, where four sensor pixels are one; LibRaw turns it upright."""
    raw.unpack()
    return Image.fromarray(raw.postprocess(half_size=True, use_camera_wb=True, output_bps=8))
