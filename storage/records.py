"""The values that cross from storage to the layers above. They know nothing of SQL or FAISS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float32]
Ids: TypeAlias = NDArray[np.int64]


PathState: TypeAlias = tuple[bytes, int, int, int]
"""A file's absolute path as the bytes of the file system, its size in bytes, its time of last change in ns,
and that of its sidecars as in `FileState`.

A plain tuple, because a run over a library makes two of them for every file and mostly finds them equal.
"""


def storable_ns(ns: int) -> int:
    """A time in ns as a database holds it: within 64 bits, which are the years 1677 to 2262."""
    return max(-(2**63), min(ns, 2**63 - 1))


@dataclass(frozen=True, slots=True)
class ModelRef:
    """Which model an embedding came from.

    Attributes:
        fingerprint: Hex digits that change with the weights, the preprocessing or the dimension.
        name: What a user types after `--model`.
        dim: Length of one embedding.
    """

    fingerprint: str
    name: str
    dim: int


@dataclass(frozen=True, slots=True)
class Description:
    """What people wrote about a photo; None and empty are "not said".

    Attributes:
        caption: One or more lines.
        keywords: Each once, in the order they were written.
        rating: 0 to 5 stars; -1 is rejected.
    """

    caption: str | None = None
    keywords: tuple[str, ...] = ()
    rating: int | None = None

    def over(self, other: Description) -> Description:
        """This one, with what it does not say taken from `other`."""
        return Description(
            caption=other.caption if self.caption is None else self.caption,
            keywords=self.keywords or other.keywords,
            rating=other.rating if self.rating is None else self.rating,
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a photo was taken, in words.

    Attributes:
        name: Town, region and country, as in `Bergen, Vestland, Norway`.
        country_code: ISO 3166-1, two capital letters.
    """

    name: str
    country_code: str


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What is known of a content, wherever its files lie.

    Attributes:
        content_hash: Hash of the file's bytes; a photo's identity.
        width: Upright width in pixels.
        height: Upright height in pixels.
        format: The decoder's name for the format, such as `JPEG`.
        taken_at: The camera's clock; naive when the file gives no UTC offset.
        camera: Make and model.
        latitude: Degrees, north positive.
        longitude: Degrees, east positive.
        description: What the file itself says in words, without its sidecars.
        duration_s: Seconds of a video; None for a photo.
        phash: 64-bit perceptual hash of the upright photo, as a signed integer; None when it was not decoded.
    """

    content_hash: str
    width: int
    height: int
    format: str
    taken_at: datetime | None = None
    camera: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    description: Description = Description()
    duration_s: float | None = None
    phash: int | None = None


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as the file system shows it.

    Attributes:
        path: Absolute; bytes that are not UTF-8 appear as surrogate escapes, as `os.fsdecode` gives them.
        size: Bytes.
        mtime_ns: Time of last change, nanoseconds since 1970 UTC.
        sidecar_ns: Sum of its sidecars' times of last change, 0 without any: it changes when one does, when
            one comes and when one goes.
    """

    path: str
    size: int
    mtime_ns: int
    sidecar_ns: int = 0


@dataclass(frozen=True, slots=True)
class NewPhoto:
    """A decoded file on its way into the library.

    Attributes:
        file: Where it lies.
        facts: What it holds.
        embedding: float32, (dim,), unit L2 norm; None when the library already embeds this content.
        moved_file: Row id of a missing file that this one is, in a new place; the row gets the new path.
        sidecar: What the file's sidecars say.
    """

    file: FileState
    facts: PhotoFacts
    embedding: Vector | None = None
    moved_file: int | None = None
    sidecar: Description = Description()


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file the library has a row for, present or missing.

    Attributes:
        path: Absolute, surrogate escapes as in `FileState`.
        size: Bytes, when last indexed.
        mtime_ns: Nanoseconds since 1970 UTC, when last indexed.
        photo_id: The content it held.
        missing: Whether it was gone at the last look.
        sidecar_ns: As in `FileState`, when last indexed.
    """

    path: str
    size: int
    mtime_ns: int
    photo_id: int
    missing: bool = False
    sidecar_ns: int = 0


@dataclass(frozen=True, slots=True)
class MissingFile:
    """A file that is gone.

    Attributes:
        file_id: Its row id.
        path: Where it was, absolute, surrogate escapes as in `FileState`.
        since: Aware, UTC: when it was found gone.
    """

    file_id: int
    path: str
    since: datetime


@dataclass(frozen=True, slots=True)
class PhotoRecord:
    """One content and the files that hold it.

    Attributes:
        photo_id: The id the FAISS index also uses.
        paths: Present files, sorted; the first is the one to show. Empty when all are missing.
        content_hash: Hash of the bytes.
        width: Upright width in pixels.
        height: Upright height in pixels.
        format: The decoder's name for the format.
        taken_at: The camera's clock; naive when the file gave no UTC offset.
        camera: Make and model.
        latitude: Degrees, north positive.
        longitude: Degrees, east positive.
        place: Where that is; None when it is not known, or far from any town.
        caption: What people wrote about it: the first file's sidecar that says something, else the content.
        keywords: As caption.
        rating: As caption; 0 to 5 stars, -1 is rejected.
        duration_s: Seconds of a video; None for a photo.
        phash: As in `PhotoFacts`.
        size: Bytes of each of its files; 0 when all are missing.
    """

    photo_id: int
    paths: tuple[str, ...]
    content_hash: str
    width: int
    height: int
    format: str
    taken_at: datetime | None
    camera: str | None
    latitude: float | None
    longitude: float | None
    place: Place | None = None
    caption: str | None = None
    keywords: tuple[str, ...] = ()
    rating: int | None = None
    duration_s: float | None = None
    phash: int | None = None
    size: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be indexed, and what it looked like then.

    Attributes:
        path: Absolute, surrogate escapes as in `FileState`.
        reason: A short plain phrase.
        failed_at: Aware, UTC.
        size: Bytes.
        mtime_ns: Nanoseconds since 1970 UTC.
    """

    path: str
    reason: str
    failed_at: datetime
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One indexing run.

    Attributes:
        run_id: Its number.
        started_at: Aware, UTC.
        ended_at: Aware, UTC; None while it runs, or when it was killed.
        status: `running`, `complete`, `interrupted` or `failed`.
        counts: What it did, such as `{"added": 12}`.
    """

    run_id: int
    started_at: datetime
    ended_at: datetime | None
    status: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class LibraryStatus:
    """A library in numbers.

    Attributes:
        photos: Contents with at least one present file.
        files: Present files.
        missing_files: Files that were gone at the last look.
        failures: Files that could not be indexed.
        roots: Folders that were indexed, sorted.
        models: Each model and how many photos it has embedded.
        size_bytes: Bytes of the library folder on disk, all in all.
        last_run: The latest run, or None before the first.
        active_model: The model it is searched with unless told otherwise; None before the first photo.
        thumbnail_bytes: Of `size_bytes`, those of the thumbnails.
        pixel_bytes: Of `size_bytes`, those of photos as a model takes them.
        index_kinds: By fingerprint how a model's index is made: `exact`, or in what way it is compressed.
    """

    photos: int
    files: int
    missing_files: int
    failures: int
    roots: tuple[str, ...]
    models: tuple[tuple[ModelRef, int], ...]
    size_bytes: int
    last_run: RunRecord | None
    active_model: ModelRef | None = None
    thumbnail_bytes: int = 0
    pixel_bytes: int = 0
    index_kinds: Mapping[str, str] = field(default_factory=dict)
