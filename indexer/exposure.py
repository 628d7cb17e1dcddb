"""How a photo was taken, as its EXIF block says: exposure time, aperture, sensitivity, lens, focal length.

Source: Exif 2.32 (CIPA DC-008), tags 0x829A ExposureTime, 0x829D FNumber, 0x8827 PhotographicSensitivity and
0x8831 to 0x8833, which stand in for it above 65534, 0x920A FocalLength, 0xA405 FocalLengthIn35mmFilm, 0xA433
LensMake and 0xA434 LensModel.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import ExifTags, Image

from indexer.exif import EXIF_IFD, directory_of, make_and_model, text_of, value_of

# What no camera does is a damaged block: from a millionth of a second to a day, from the fastest lens to a
# pinhole, twice the most sensitive sensor, and more than the longest telephoto.
_SECONDS, _APERTURES, _ISOS, _FOCAL_LENGTHS = (1e-6, 86_400), (0.5, 1000), (1, 10_000_000), (0.5, 20_000)
_MOST_LETTERS = 100
_ISO_TAGS = (
    ExifTags.Base.ISOSpeedRatings,
    ExifTags.Base.RecommendedExposureIndex,
    ExifTags.Base.StandardOutputSensitivity,
    ExifTags.Base.ISOSpeed,
)
_ISO_IS_ELSEWHERE = 65_535  # the most that the first tag can hold
# What cameras write while no lens tells them its name.
_NO_LENS = ("", "-", "--", "---", "----", "none", "n/a", "unknown", "0.0 mm f/0.0", "0 mm f/0")


@dataclass(frozen=True, slots=True)
class Exposure:
    """How a photo was taken; None is "not said" or "cannot be read".

    Attributes:
        seconds: The exposure time.
        f_number: The focal length divided by the width of the aperture.
        iso: The sensitivity, ISO 12232.
        lens: Its make and model.
        focal_length: Millimetres.
        focal_length_35mm: Millimetres of the lens that sees as much on 35 mm film.
    """

    seconds: float | None = None
    f_number: float | None = None
    iso: int | None = None
    lens: str | None = None
    focal_length: float | None = None
    focal_length_35mm: int | None = None


def exposure_in(image: Image.Image) -> Exposure:
    """What an opened image says; a broken or absent EXIF block gives less and never an error."""
    try:
        exif = image.getexif()
    except Exception:  # as in indexer.exif: Pillow's parser lets many kinds of error through
        return Exposure()
    return exposure_of(directory_of(exif, EXIF_IFD))


def exposure_of(tags: Mapping[int, object]) -> Exposure:
    """What the Exif directory of a block says; values that no camera has are left out."""
    base = ExifTags.Base
    focal_length_35mm = _number(tags, base.FocalLengthIn35mmFilm, _FOCAL_LENGTHS)
    return Exposure(
        seconds=_number(tags, base.ExposureTime, _SECONDS),
        f_number=_number(tags, base.FNumber, _APERTURES),
        iso=_iso(tags),
        lens=_lens(text_of(tags, base.LensMake), text_of(tags, base.LensModel)),
        focal_length=_number(tags, base.FocalLength, _FOCAL_LENGTHS),
        focal_length_35mm=None if focal_length_35mm is None else round(focal_length_35mm),
    )


def _number(tags: Mapping[int, object], tag: int, limits: tuple[float, float]) -> float | None:
    """The number of a tag, the first of several, if it is within both limits."""
    value = value_of(tags, tag)
    if isinstance(value, tuple) and value:
        value = value[0]
    try:
        number = float(value)  # type: ignore[arg-type]  # what is no number is caught
    except (TypeError, ValueError, ArithmeticError):
        return None
    return number if math.isfinite(number) and limits[0] <= number <= limits[1] else None


def _iso(tags: Mapping[int, object]) -> int | None:
    found = (_number(tags, tag, _ISOS) for tag in _ISO_TAGS)
    return next((round(iso) for iso in found if iso is not None and iso != _ISO_IS_ELSEWHERE), None)


def _lens(make: str, model: str) -> str | None:
    """The lens, if its model is named: a make alone is the camera's most of the time."""
    if model.casefold() in _NO_LENS or len(model) > _MOST_LETTERS:
        return None
    return make_and_model(make if len(make) <= _MOST_LETTERS else "", model)
