"""How many photos each folder, month, camera, place, rating, kind and tag has: what there is to choose from.

A count needs every photo's value. Those are read from the rows once, as numbers, and kept until the library
changes, so that a count takes milliseconds and not seconds.
"""

import itertools
import os
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeAlias, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, String, func, select, type_coerce

from storage.database import Database
from storage.filtering import kind, photo_ids, rating
from storage.filters import Filter
from storage.folder_tree import subfolders
from storage.kinds import Kind
from storage.records import Ids
from storage.roots import Roots
from storage.schema import Photo, Setting, Tag

Value = TypeVar("Value", bound=Hashable)
Counts: TypeAlias = tuple[tuple[Value, int], ...]
"""Values and how many photos have each; none has 0."""

Query: TypeAlias = Select[int, Any]
_FOLDERS_KEPT = 16
_COUNTS_KEPT = 64


@dataclass(frozen=True, slots=True)
class Facets:
    """Numbers of photos, each field but the tags counted as if the filter said nothing of it.

    Attributes:
        photos: All that the whole filter leaves.
        folders: Absolute paths of the folders in the one that was asked about, sorted.
        months: As `2023-05`, by the camera's own clock; the newest first.
        cameras: Whole names; the most frequent first.
        places: Whole names, as `Bergen, Vestland, Norway`; the most frequent first.
        ratings: As a `PhotoRecord` has them, from 5 stars down to -1.
        kinds: The most frequent first.
        tags: Words, the most frequent first; of what the whole filter leaves, as a photo must have all tags.
        positions: By the whole name of each of the library's places, whatever the filter says: latitude and
            longitude, degrees, of the first photo there. A mean would lie far off beside the date line.
    """

    photos: int
    folders: Counts[str]
    months: Counts[str]
    cameras: Counts[str]
    places: Counts[str]
    ratings: Counts[int]
    kinds: Counts[Kind]
    tags: Counts[str]
    positions: Mapping[str, tuple[float, float]] = field(default_factory=dict)


_Counted: TypeAlias = dict[tuple[Filter, str | None], Facets]


class FacetCounter:
    """Counts the photos of a catalog; safe to share between threads."""

    def __init__(self, database: Database) -> None:
        """Work on the given catalog."""
        self._database = database
        self._lock = threading.Lock()
        self._changes = ""
        self._columns: dict[str, _Column[Any]] = {}
        self._folders: dict[str | None, _Column[str]] = {}
        self._positions: Mapping[str, tuple[float, float]] = {}
        self._counted: _Counted = {}

    def count(self, wanted: Filter, inside: str | None) -> Facets:
        """The facets of what is wanted; the folders are those in `inside`, or the library's own."""
        with self._database.reading() as connection:
            columns, positions, counted = self._current(connection, inside)
            if (wanted, inside) in counted:
                return counted[wanted, inside]
            size = 1 + (connection.scalar(select(func.max(Photo.id))) or 0)
            masks: dict[Filter, NDArray[np.bool_]] = {}

            def mask(others: Filter) -> NDArray[np.bool_]:
                if others not in masks:
                    masks[others] = np.zeros(size, dtype=bool)
                    masks[others][photo_ids(connection, others)] = True
                return masks[others]

            def counts(name: str, **unsaid: Any) -> list[tuple[Any, int]]:
                return columns[name].counts(mask(replace(wanted, **unsaid)))

            found = Facets(
                photos=int(np.count_nonzero(mask(wanted))),
                folders=tuple(sorted(counts("folders", folders=()))),
                months=tuple(sorted(counts("months", taken_from=None, taken_to=None), reverse=True)),
                cameras=tuple(counts("cameras", cameras=())),
                places=tuple(counts("places", places=(), near=None, box=None)),
                ratings=tuple(sorted(counts("ratings", rating=None), reverse=True)),
                kinds=tuple(counts("kinds", kinds=())),
                tags=tuple(counts("tags")),
                positions=positions,
            )
            with self._lock:
                if len(counted) == _COUNTS_KEPT:
                    counted.pop(next(iter(counted)))  # the oldest
                counted[wanted, inside] = found
            return found

    def _current(
        self, connection: Connection, inside: str | None
    ) -> tuple[dict[str, "_Column[Any]"], Mapping[str, tuple[float, float]], _Counted]:
        """The columns, the places' positions and earlier counts of the rows that this transaction sees."""
        with self._lock:
            changes = connection.scalars(select(Setting.value).where(Setting.key == "changes")).one()
            if changes != self._changes:
                self._columns = {name: _column(connection, [query]) for name, query in _queries().items()}
                self._folders = {}
                self._positions = _positions(connection)
                self._counted = {}  # another one: who counts rows of before keeps the one of before
                self._changes = changes
            if inside not in self._folders:
                if len(self._folders) == _FOLDERS_KEPT:
                    self._folders.pop(next(iter(self._folders)))  # the oldest
                self._folders[inside] = _folder_column(connection, inside)
            return {**self._columns, "folders": self._folders[inside]}, self._positions, self._counted


@dataclass(frozen=True, slots=True)
class _Column(Generic[Value]):
    """Which photos have which values, each pair once: ids, int64, and places in `values`, int32, (n,)."""

    photo_ids: Ids
    codes: NDArray[np.int32]
    values: Sequence[Value]

    def counts(self, allowed: NDArray[np.bool_]) -> list[tuple[Value, int]]:
        """How many photos each value has, of those allowed by their id; the most frequent first."""
        found = np.bincount(self.codes[allowed[self.photo_ids]], minlength=len(self.values)).tolist()
        pairs = [(value, count) for value, count in zip(self.values, found, strict=True) if count]
        return sorted(pairs, key=lambda pair: (-pair[1], str(pair[0])))


def _queries() -> dict[str, Query]:
    """Photo ids and values, of the fields that belong to a photo, each pair once; no row without a value."""
    values = {
        "months": func.substr(type_coerce(Photo.taken_at, String), 1, 7),
        "cameras": Photo.camera,
        "places": func.nullif(Photo.place, ""),
        "ratings": rating(),
        "kinds": kind(),
    }
    queries: dict[str, Query] = {
        name: select(Photo.id, value).where(value.is_not(None)) for name, value in values.items()
    }
    return {**queries, "tags": select(Tag.photo_id, Tag.word).where(~Tag.refused)}


def _positions(connection: Connection) -> dict[str, tuple[float, float]]:
    first = select(func.min(Photo.id)).where(Photo.place != "").group_by(Photo.place)
    rows = connection.execute(select(Photo.place, Photo.latitude, Photo.longitude).where(Photo.id.in_(first)))
    return {
        place: (latitude, longitude)
        for place, latitude, longitude in rows
        if place and latitude is not None and longitude is not None
    }


def _folder_column(connection: Connection, inside: str | None) -> "_Column[str]":
    prefix, queries = subfolders(Roots(connection), inside)
    names = _column(connection, queries, repeated=True)
    return replace(names, values=[prefix + os.fsdecode(name) for name in names.values])


def _column(connection: Connection, queries: Iterable[Query], *, repeated: bool = False) -> "_Column[Any]":
    """The pairs that the queries give; `repeated` where one may come twice."""
    codes: defaultdict[Any, int] = defaultdict(itertools.count().__next__)
    parts = [np.empty(0, dtype=np.int64)]
    for query in queries:
        # The driver's own rows: SQLAlchemy's take twice as long, and there is one for every photo and field.
        rows = cast(sqlite3.Cursor, connection.execute(query).cursor)
        # Both in one number, which also tells pairs apart.
        parts.append(np.fromiter((photo << 32 | codes[value] for photo, value in rows), dtype=np.int64))
    pairs = np.concatenate(parts)
    if repeated:
        pairs = np.unique(pairs)
    return _Column(pairs >> 32, (pairs & 0xFFFFFFFF).astype(np.int32), list(codes))
