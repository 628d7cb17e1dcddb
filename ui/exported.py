"""A photo on its way out of the library, and what could not be exported."""

from dataclasses import dataclass

from storage.records import PhotoRecord


@dataclass(frozen=True, slots=True)
class ExportedPhoto:
    """One photo, and why it was found.

    Attributes:
        record: What the library knows of it.
        path: The one of its files to export.
        caption: What was asked for, where it was found by a caption.
        probability: That it is what the caption means, 0 to 1.
        rank: Its place in the results, from 1.
    """

    record: PhotoRecord
    path: str
    caption: str | None = None
    probability: float | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not in an export.

    Attributes:
        path: A photo's file, or the file that was to be written.
        reason: A short plain phrase.
    """

    path: str
    reason: str


def reason_of(error: OSError) -> str:
    """What an error of the operating system says, as a short phrase."""
    return (error.strerror or str(error)).lower()
