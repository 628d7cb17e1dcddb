"""What is known of one photo, as words for people and as fields for programs."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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


def said(photo: "PhotoRecord") -> list[tuple[str, str]]:
    """What a photo and its sidecars say, a name and words each; what is not said is left out."""
    position = None
    if photo.latitude is not None and photo.longitude is not None:
        position = f"{photo.latitude:.5f}, {photo.longitude:.5f}"
    facts = (
        ("duration", None if photo.duration_s is None else duration(photo.duration_s)),
        ("taken", None if photo.taken_at is None else clock(photo.taken_at)),
        ("camera", photo.camera),
        ("place", None if photo.place is None else photo.place.name),
        ("position", position),
        ("caption", photo.caption),
        ("keywords", ", ".join(photo.keywords)),
        ("rating", None if photo.rating is None else rating(photo.rating)),
    )
    return [(name, value) for name, value in facts if value]


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
