"""What is known of one photo, as words for people and as fields for programs."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from indexer.exposure import Exposure
    from storage.records import PhotoRecord


def photo_fields(photo: "PhotoRecord") -> dict[str, Any]:
    """The JSON fields of what a photo and its sidecars say; None is "not said"."""
    return {
        "format": photo.format,
        "camera": photo.camera,
        "place": None if photo.place is None else photo.place.name,
        "country_code": None if photo.place is None else photo.place.country_code,
        "latitude": photo.latitude,
        "longitude": photo.longitude,
        "caption": photo.caption,
        "keywords": list(photo.keywords),
        "rating": photo.rating,
        "duration_s": photo.duration_s,
    }


def said(photo: "PhotoRecord", exposure: "Exposure | None" = None) -> list[tuple[str, str]]:
    """What a photo and its sidecars say, a name and words each; what is not said is left out.

    `exposure` is how it was taken, which the library does not keep.
    """
    position = None
    if photo.latitude is not None and photo.longitude is not None:
        position = f"{photo.latitude:.5f}, {photo.longitude:.5f}"
    facts = (
        ("duration", None if photo.duration_s is None else duration(photo.duration_s)),
        ("taken", None if photo.taken_at is None else clock(photo.taken_at)),
        ("camera", photo.camera),
        *(() if exposure is None else exposure_words(exposure)),
        ("place", None if photo.place is None else photo.place.name),
        ("position", position),
        ("caption", photo.caption),
        ("keywords", ", ".join(photo.keywords)),
        ("rating", None if photo.rating is None else rating(photo.rating)),
    )
    return [(name, value) for name, value in facts if value]


def exposure_fields(exposure: "Exposure") -> dict[str, Any]:
    """The JSON fields of how a photo was taken; None is "not said"."""
    return {
        "exposure_s": exposure.seconds,
        "f_number": exposure.f_number,
        "iso": exposure.iso,
        "lens": exposure.lens,
        "focal_length_mm": exposure.focal_length,
        "focal_length_35mm": exposure.focal_length_35mm,
    }


def exposure_words(exposure: "Exposure") -> list[tuple[str, str]]:
    """How a photo was taken, a name and words each, as photographers write it: `1/250 s, f/2.8, ISO 400`."""
    settings = (
        None if exposure.seconds is None else shutter(exposure.seconds),
        None
        if exposure.f_number is None
        else f"f/{_short(exposure.f_number, 2 if exposure.f_number < 1 else 1)}",
        None if exposure.iso is None else f"ISO {exposure.iso}",
    )
    facts = (
        ("exposure", ", ".join(filter(None, settings))),
        ("lens", exposure.lens),
        ("focal length", _focal_length(exposure.focal_length, exposure.focal_length_35mm)),
    )
    return [(name, value) for name, value in facts if value]


def shutter(seconds: float) -> str:
    """An exposure time, above 0: a fraction up to a quarter of a second, as on a camera's dial.

    Source: ExifTool, PrintExposureTime.
    """
    return f"1/{round(1 / seconds)} s" if seconds < 0.25001 else f"{_short(seconds)} s"


def _focal_length(own: float | None, on_film: int | None) -> str:
    if own is None:
        return "" if on_film is None else f"{on_film} mm in 35 mm terms"
    more = "" if on_film in (None, round(own)) else f" ({on_film} mm in 35 mm terms)"
    return f"{_short(own)} mm{more}"


def _short(number: float, places: int = 1) -> str:
    """A number to so many decimals, without zeros at its end."""
    return f"{number:.{places}f}".rstrip("0").rstrip(".")


def clock(taken: datetime) -> str:
    """The camera's clock to the second, with its offset from UTC where that is known."""
    return taken.isoformat(" ", "seconds")


def duration(seconds: float) -> str:
    """Minutes and seconds, as a player shows them: `1:05`; hours before them, where there are any."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def rating(stars: int) -> str:
    """A rating in words."""
    if stars < 0:
        return "rejected"
    return f"{stars} of 5 stars"
