"""What people wrote into a photo file: caption, keywords, rating, from its XMP, else IPTC, else EXIF.

Source: IPTC-IIM 4.2, datasets 1:90 coded character set, 2:5 object name, 2:25 keywords, 2:120 caption; Exif
2.32, tag 0x010E ImageDescription; tag 0x4746 Rating is Windows'.
"""

from __future__ import annotations

from collections.abc import Mapping

from PIL import ExifTags, Image, ImageFile, IptcImagePlugin

from indexer.xmp import keywords, one_text, read_xmp, stars
from storage.records import Description

_CAPTION, _TITLE, _KEYWORDS, _CHARACTER_SET = (2, 120), (2, 5), (2, 25), (1, 90)
_UTF_8 = b"\x1b%G"
# What cameras write as a description of every photo they take.
_SAID_BY_CAMERAS = (
    "OLYMPUS DIGITAL CAMERA",
    "SONY DSC",
    "SAMSUNG",
    "MINOLTA DIGITAL CAMERA",
    "DCIM\\",
    "DIGITAL CAMERA",
)


def read_description(image: Image.Image) -> Description:
    """What an opened image says in words; broken blocks give less and never an error."""
    packet = image.info.get("xmp")
    if isinstance(packet, str):  # some of Pillow's readers decode it
        packet = packet.encode("utf-8", "replace")
    own = read_xmp(packet) if isinstance(packet, bytes) else Description()
    return own.over(_iptc(image)).over(_exif(image))


def _iptc(image: Image.Image) -> Description:
    if not isinstance(image, ImageFile.ImageFile):
        return Description()
    try:
        found: Mapping[tuple[int, int], bytes | list[bytes]] = IptcImagePlugin.getiptcinfo(image) or {}
    except Exception:  # a block that is cut short raises many kinds
        return Description()
    utf_8 = _UTF_8 in _values(found, _CHARACTER_SET)
    captions = (
        one_text(_decoded(value, utf_8)) for key in (_CAPTION, _TITLE) for value in _values(found, key)
    )
    words = (_decoded(value, utf_8) for value in _values(found, _KEYWORDS))
    return Description(next(filter(None, captions), None), keywords(words))


def _values(found: Mapping[tuple[int, int], bytes | list[bytes]], key: tuple[int, int]) -> list[bytes]:
    value = found.get(key, [])
    return value if isinstance(value, list) else [value]


def _decoded(value: bytes, utf_8: bool) -> str:
    """Most programs write UTF-8 without saying so; what is none is Latin-1."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("utf-8", "replace") if utf_8 else value.decode("latin-1")


def _exif(image: Image.Image) -> Description:
    try:
        exif = image.getexif()
        caption, rating = exif.get(ExifTags.Base.ImageDescription), exif.get(ExifTags.Base.Rating)
    except Exception:  # as in indexer.exif: Pillow's parser lets many kinds of error through
        return Description()
    if isinstance(caption, str):
        # Pillow reads this tag as Latin-1, and today's programs write UTF-8.
        caption = one_text(_decoded(caption.encode("latin-1", "replace"), utf_8=False))
        if caption and caption.upper().startswith(_SAID_BY_CAMERAS):
            caption = None
    text = caption if isinstance(caption, str) else None
    return Description(text, rating=stars(str(rating)) if isinstance(rating, int) else None)
