"""A `Filter` as conditions on the rows of photos.

Each field becomes one condition or none. There are no indexes for them: a scan is short
(`benchmarks/filters.py` times it), and an index would be paid for by every photo that is added.
"""

import os
from collections.abc import Sequence
from datetime import date

import numpy as np
from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
    type_coerce,
)

from storage.distance import half_height, half_width
from storage.filters import Box, Filter, Near
from storage.kinds import RAW_FORMATS, VIDEO_FORMATS, Kind
from storage.name_match import is_camera, is_place
from storage.records import Ids
from storage.roots import Roots
from storage.schema import PRESENT, File, Photo, Root
from storage.tags import has_tag


def condition(connection: Connection, wanted: Filter) -> ColumnElement[bool]:
    """The condition for photos that have a present file and are all that is wanted."""
    # A new field is a line here.
    conditions = [
        _in_folders(Roots(connection), wanted.folders) if wanted.folders else _is_present(),
        _taken(wanted.taken_from, wanted.taken_to),
        _has_name(connection, wanted.cameras),
        _has_place(connection, wanted.places),
        _is_near(wanted.near) if wanted.near else true(),
        _is_in(wanted.box) if wanted.box else true(),
        rating() >= wanted.rating if wanted.rating else true(),
        kind().in_(wanted.kinds) if wanted.kinds else true(),
        _has_copies() if wanted.copies else true(),
        *map(has_tag, wanted.tags),
    ]
    return and_(*conditions)


def photo_ids(connection: Connection, wanted: Filter) -> Ids:
    """The photos that the filter leaves: int64, (n,), ascending."""
    query = select(Photo.id).where(condition(connection, wanted)).order_by(Photo.id)
    return np.fromiter(connection.scalars(query), dtype=np.int64)


def newest(connection: Connection, wanted: Filter, limit: int | None = None, skip: int = 0) -> list[int]:
    """Ids of the photos that the filter leaves: by the camera's clock, the latest first.

    Photos that do not say when they were taken follow, those that were added last first. At most `limit` of
    them, after the first `skip`.
    """
    clock = type_coerce(Photo.taken_at, String).desc().nulls_last()
    query = select(Photo.id).where(condition(connection, wanted)).order_by(clock, Photo.id.desc())
    return list(connection.scalars(query.limit(limit).offset(skip)))


def rating() -> ColumnElement[int | None]:
    """A photo's rating as its `PhotoRecord` has it: of the first file whose sidecar has one, or its own.

    First is by path, of present files. Few photos have such a sidecar, and SQLite gathers those once.
    """
    # Bytes, joined, are compared as bytes. The root / already ends as the others are made to.
    path = func.rtrim(Root.path, os.sep, type_=String) + os.sep + type_coerce(File.relative_path, String)
    rated = and_(PRESENT, File.sidecar_rating.is_not(None))
    beside = select(File.sidecar_rating).join(Root, Root.id == File.root_id)
    first = beside.where(File.photo_id == Photo.id, rated).order_by(path).limit(1).scalar_subquery()
    with_sidecar = Photo.id.in_(select(File.photo_id).where(rated))
    return case((with_sidecar, first), else_=Photo.rating)


def kind() -> ColumnElement[Kind]:
    """A photo's kind."""
    return case(
        (Photo.format.in_(RAW_FORMATS), literal("raw")),
        (Photo.format.in_(VIDEO_FORMATS), literal("video")),
        else_=literal("photo"),
    )


def _is_present() -> ColumnElement[bool]:
    return exists().where(File.photo_id == Photo.id, PRESENT)


def _in_folders(roots: Roots, folders: Sequence[str]) -> ColumnElement[bool]:
    below = or_(false(), *(roots.under(folder, File) for folder in folders))
    return Photo.id.in_(select(File.photo_id).where(PRESENT, below))


def _taken(first: date | None, last: date | None) -> ColumnElement[bool]:
    # ISO 8601 sorts by the clock; what follows it, an offset, is left alone: the clock is what counts.
    clock = type_coerce(Photo.taken_at, String)
    conditions = [clock >= first.isoformat()] if first else []
    if last:
        conditions.append(clock < last.isoformat() + "T24")  # after the last time of that day
    return and_(true(), *conditions)


def _has_name(connection: Connection, cameras: Sequence[str]) -> ColumnElement[bool]:
    if not cameras:
        return true()
    names = connection.scalars(select(Photo.camera).where(Photo.camera.is_not(None)).distinct())
    return Photo.camera.in_([name for name in names if any(is_camera(each, name or "") for each in cameras)])


def _has_place(connection: Connection, places: Sequence[str]) -> ColumnElement[bool]:
    if not places:
        return true()
    known = connection.execute(select(Photo.place, Photo.country_code).where(Photo.place != "").distinct())
    found = [name for name, code in known if name and any(is_place(each, name, code) for each in places)]
    return Photo.place.in_(found)


def _is_near(near: Near) -> ColumnElement[bool]:
    """In a box around the circle, which is quick to tell, and in the circle."""
    high, wide = half_height(near.km), half_width(near.latitude, near.km)
    west, east = near.longitude - wide, near.longitude + wide
    # A box over the date line is two.
    turns = [0.0] + [360.0] * (west < -180) + [-360.0] * (east > 180)
    return and_(
        Photo.latitude.between(near.latitude - high, near.latitude + high),
        or_(*(Photo.longitude.between(west + turn, east + turn) for turn in turns)),
        func.distance_km(Photo.latitude, Photo.longitude, near.latitude, near.longitude) <= near.km,
    )


def _is_in(box: Box) -> ColumnElement[bool]:
    east_of, west_of = Photo.longitude >= box.west, Photo.longitude <= box.east
    over_the_date_line = box.west > box.east
    across = or_(east_of, west_of) if over_the_date_line else and_(east_of, west_of)
    return and_(Photo.latitude.between(box.south, box.north), across)


def _has_copies() -> ColumnElement[bool]:
    several = select(File.photo_id).where(PRESENT).group_by(File.photo_id).having(func.count() > 1)
    return Photo.id.in_(several)
