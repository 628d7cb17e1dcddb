"""What a photo says about itself in its EXIF block: orientation, date taken, camera, place.

Source: Exif 2.32 (CIPA DC-008), tags 0x010F Make, 0x0110 Model, 0x0112 Orientation, 0x9003 and 0x9004 dates,
0x9011 and 0x9012 their UTC offsets, 0x9291 and 0x9292 their fractions of a second, the GPS tags 1 to 4, and
7 and 29, the moment of the GPS fix in UTC.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from PIL import ExifTags, Image

_DATE = re.compile(r"\s*(\d{4})[:/-](\d\d)[:/-](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_OFFSET = re.compile(r"\s*([+-])(\d\d):?(\d\d)\s*")
_GPS_DATE = re.compile(r"\s*(\d{4})[:/-](\d\d)[:/-](\d\d)")
_QUARTER = timedelta(minutes=15)
# Offsets in use that are no whole hours, in minutes. A fix that is old by half an hour gives another one, and
# is found out by it. Source: the IANA time zone database, from the year 2000 on.
_BROKEN_HOURS = frozenset(
    {-570, -270, -210, -150, 210, 270, 330, 345, 390, 510, 525, 570, 585, 630, 690, 765, 825}
)
EXIF_IFD = ExifTags.IFD.Exif
_GPS_IFD = ExifTags.IFD.GPSInfo
# Date, fraction and offset tags that belong together; the first date that can be read counts. The plain
# DateTime (0x0132) is left out: editors write it when they save, so it is not the date taken.
_DATE_TAGS = (
    (ExifTags.Base.DateTimeOriginal, ExifTags.Base.SubsecTimeOriginal, ExifTags.Base.OffsetTimeOriginal),
    (ExifTags.Base.DateTimeDigitized, ExifTags.Base.SubsecTimeDigitized, ExifTags.Base.OffsetTimeDigitized),
)


@dataclass(frozen=True, slots=True)
class ExifFacts:
    """The parts of EXIF that are kept; None is "not said" or "cannot be read".

    `orientation` is 1 to 8. `taken_at` is the camera's local time, with the offset from UTC that the photo
    gives, or that its GPS time shows; without a zone when it has neither. `latitude` and `longitude` are
    signed degrees, north and east positive.
    """

    orientation: int = 1
    taken_at: datetime | None = None
    camera: str | None = None
    latitude: float | None = None
    longitude: float | None = None


def read_exif(image: Image.Image) -> ExifFacts:
    """The EXIF facts of an opened image; a broken or absent block gives fewer facts and never an error."""
    try:
        exif = image.getexif()
    except Exception:  # Pillow's parser lets many kinds of error through; none of them spoils the pixels
        return ExifFacts()
    return facts_of(exif)


def facts_of(
    exif: Image.Exif,
    photo: Mapping[int, object] | None = None,
    gps: Mapping[int, object] | None = None,
) -> ExifFacts:
    """The facts in an EXIF block; `photo` and `gps` are its two directories where these lie elsewhere."""
    base: Mapping[int, object] = exif
    photo = photo or directory_of(exif, EXIF_IFD)
    gps = gps or directory_of(exif, _GPS_IFD)
    latitude, longitude = _position(gps)
    return ExifFacts(
        orientation=_orientation(value_of(base, ExifTags.Base.Orientation)),
        taken_at=_with_zone(_taken_at(photo), _gps_time(gps)),
        camera=make_and_model(text_of(base, ExifTags.Base.Make), text_of(base, ExifTags.Base.Model)),
        latitude=latitude,
        longitude=longitude,
    )


def directory_of(exif: Image.Exif, ifd: int) -> Mapping[int, object]:
    """One of the directories under an EXIF block; a broken or absent one is empty."""
    try:
        return exif.get_ifd(ifd)
    except Exception:  # as above: a broken directory is read as an empty one
        return {}


def value_of(tags: Mapping[int, object], tag: int) -> object:
    """The value of a tag, or None; Pillow decodes a tag when it is first read, so here it can fail."""
    try:
        return tags.get(tag)
    except Exception:  # as above
        return None


def text_of(tags: Mapping[int, object], tag: int) -> str:
    """The text of a tag on one line; empty where it has none."""
    value = value_of(tags, tag)
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return " ".join(value.replace("\0", " ").split()) if isinstance(value, str) else ""


def _orientation(value: object) -> int:
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _taken_at(tags: Mapping[int, object]) -> datetime | None:
    for date_tag, fraction_tag, offset_tag in _DATE_TAGS:
        found = _DATE.match(text_of(tags, date_tag))
        if found is None:
            continue
        year, month, day, hour, minute, second = map(int, found.groups())
        fraction = text_of(tags, fraction_tag)
        microsecond = int(fraction[:6].ljust(6, "0")) if fraction.isascii() and fraction.isdigit() else 0
        try:
            taken = datetime(year, month, day, hour, minute, second, microsecond)
        except ValueError:  # 0000:00:00 is how cameras without a set clock write "unknown"
            continue
        return taken.replace(tzinfo=_zone(text_of(tags, offset_tag)))
    return None


def _zone(offset: str) -> timezone | None:
    if offset.strip() in ("Z", "z"):
        return UTC
    found = _OFFSET.fullmatch(offset)
    if found is None:
        return None
    sign, hours, minutes = found.groups()
    shift = timedelta(hours=int(hours), minutes=int(minutes))
    if shift >= timedelta(hours=24):
        return None
    return timezone(-shift if sign == "-" else shift)


def _with_zone(taken: datetime | None, gps_time: datetime | None) -> datetime | None:
    """A naive local time with the offset that the GPS fix shows: their difference, to a quarter of an hour.

    A fix is up to minutes older than its photo, so the difference is never exact.
    """
    if taken is None or taken.tzinfo is not None or gps_time is None:
        return taken
    quarters = round((taken - gps_time) / _QUARTER)
    minutes = quarters * 15
    if not -12 * 60 <= minutes <= 14 * 60 or (minutes % 60 and minutes not in _BROKEN_HOURS):
        return taken
    return taken.replace(tzinfo=timezone(timedelta(minutes=minutes)))


def _gps_time(gps: Mapping[int, object]) -> datetime | None:
    """The moment of the GPS fix, UTC, naive; without its date it is none."""
    found = _GPS_DATE.match(text_of(gps, ExifTags.GPS.GPSDateStamp))
    clock = value_of(gps, ExifTags.GPS.GPSTimeStamp)
    if found is None or not isinstance(clock, tuple) or len(clock) != 3:
        return None
    try:
        hours, minutes, seconds = (float(part) for part in clock)
        year, month, day = map(int, found.groups())
        if not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= seconds < 61):
            return None
        return datetime(year, month, day) + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    except (TypeError, ValueError, ArithmeticError):
        return None


def make_and_model(make: str, model: str) -> str | None:
    """Make and model, of a camera or a lens, as one name: "Canon" and "Canon EOS 5D" are "Canon EOS 5D"."""
    if make and model and make.split()[0].casefold() != model.split()[0].casefold():
        return f"{make} {model}"
    return model or make or None


def _position(gps: Mapping[int, object]) -> tuple[float, float] | tuple[None, None]:
    tag = ExifTags.GPS
    latitude = _degrees(value_of(gps, tag.GPSLatitude), text_of(gps, tag.GPSLatitudeRef), "NS", 90)
    longitude = _degrees(value_of(gps, tag.GPSLongitude), text_of(gps, tag.GPSLongitudeRef), "EW", 180)
    # Exactly 0, 0 is what receivers write before they know where they are.
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None, None
    return latitude, longitude


def _degrees(value: object, hemisphere: str, letters: str, limit: float) -> float | None:
    """Degrees, minutes and seconds to signed degrees; without its hemisphere a coordinate is a guess."""
    letter = hemisphere[:1].upper()
    if not letter or letter not in letters or not isinstance(value, tuple) or not 1 <= len(value) <= 3:
        return None
    try:
        degrees = math.fsum(float(part) / 60**power for power, part in enumerate(value))
    except (TypeError, ValueError, ArithmeticError):
        return None
    if not math.isfinite(degrees) or not 0 <= degrees <= limit:
        return None
    return -degrees if letter == letters[1] else degrees
