"""Rows of photos as records, and the places in words that are looked up for them after they are stored."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, func, insert, select, update

from storage.database import chunks
from storage.errors import FileOutsideRoots
from storage.records import Description, PhotoFacts, PhotoRecord, Place
from storage.roots import Roots
from storage.schema import PRESENT, File, Photo


def add(connection: Connection, facts: Mapping[str, PhotoFacts]) -> dict[str, int]:
    """Photo ids by content hash; contents the library lacks are added, in the order given.

    A content it has keeps what is known of it and gains what was not, as when an earlier version of this
    program read fewer facts.
    """
    ids: dict[str, int] = {}
    for part in chunks(list(facts)):
        query = select(Photo.content_hash, Photo.id).where(Photo.content_hash.in_(part))
        ids.update(connection.execute(query).all())
    _fill(connection, {ids[each]: facts[each] for each in facts if each in ids})
    new = [_values(fact) for fact in facts.values() if fact.content_hash not in ids]
    if new:
        # In order, so that ids follow the order in which photos were met.
        added = insert(Photo).returning(Photo.content_hash, Photo.id, sort_by_parameter_order=True)
        ids.update(connection.execute(added, new).all())
    return ids


def read(connection: Connection, ids: Sequence[int]) -> dict[int, PhotoRecord]:
    """The photos with these ids; unknown ids are left out."""
    found: dict[int, PhotoRecord] = {}
    roots = Roots(connection)
    for part in chunks(ids):
        files: dict[int, list[tuple[str, Description]]] = {}
        sizes: dict[int, int] = {}
        present = File.photo_id.in_(part) & PRESENT
        for row in connection.execute(select(File.__table__).where(present)).mappings():
            path = roots.absolute(row["root_id"], row["relative_path"])
            sizes[row["photo_id"]] = row["size"]
            files.setdefault(row["photo_id"], []).append((path, _description(row, "sidecar_")))
        for row in connection.execute(select(Photo.__table__).where(Photo.id.in_(part))).mappings():
            here = sorted(files.get(row["id"], []), key=lambda file: file[0])
            found[row["id"]] = _record(row, here, sizes.get(row["id"], 0))
    return found


def id_at(connection: Connection, path: str) -> int | None:
    """The photo a file holds, or held when it was last there; None for a path the library does not know."""
    try:
        place = Roots(connection).place(path)
    except FileOutsideRoots:
        return None
    here = (File.root_id == place.root_id) & (File.relative_path == place.relative_path)
    return connection.scalars(select(File.photo_id).where(here)).one_or_none()


def without_place(connection: Connection, limit: int) -> dict[int, tuple[float, float]]:
    """Latitude and longitude of at most `limit` photos for which no place was looked up, by photo id."""
    query = select(Photo.id, Photo.latitude, Photo.longitude).where(
        Photo.place.is_(None), Photo.latitude.is_not(None), Photo.longitude.is_not(None)
    )
    rows = connection.execute(query.order_by(Photo.id).limit(limit))
    return {row.id: (row.latitude or 0.0, row.longitude or 0.0) for row in rows}


def set_places(connection: Connection, places: Mapping[int, Place | None]) -> None:
    """Store what was looked up, by photo id; None is "far from any place", and is not looked up again."""
    rows = [
        {
            "photo_id": photo_id,
            "name": place.name if place else "",
            "code": place.country_code if place else None,
        }
        for photo_id, place in places.items()
    ]
    if rows:
        found = update(Photo).where(Photo.id == bindparam("photo_id"))
        connection.execute(found.values(place=bindparam("name"), country_code=bindparam("code")), rows)


def _fill(connection: Connection, facts: Mapping[int, PhotoFacts]) -> None:
    """Give known photos what their rows lack."""
    if not facts:
        return
    columns = {name: Photo.__table__.c[name] for name in _optional_values(next(iter(facts.values())))}
    gained: dict[str, ColumnElement[Any]] = {
        # SQLAlchemy keeps the bare names of columns for itself here.
        name: func.coalesce(column, bindparam(f"new_{name}", type_=column.type))
        for name, column in columns.items()
    }
    rows = [
        {"known_id": photo_id, **{f"new_{name}": value for name, value in _optional_values(fact).items()}}
        for photo_id, fact in facts.items()
    ]
    connection.execute(update(Photo).where(Photo.id == bindparam("known_id")).values(gained), rows)


def _values(fact: PhotoFacts) -> dict[str, Any]:
    needed = {name: getattr(fact, name) for name in ("content_hash", "width", "height", "format")}
    return {**needed, **_optional_values(fact)}


def _optional_values(fact: PhotoFacts) -> dict[str, Any]:
    return {
        "taken_at": fact.taken_at,
        "camera": fact.camera,
        "latitude": fact.latitude,
        "longitude": fact.longitude,
        "caption": fact.description.caption,
        "keywords": list(fact.description.keywords) or None,
        "rating": fact.description.rating,
        "duration_s": fact.duration_s,
        "phash": fact.phash,
    }


def _description(row: RowMapping, prefix: str = "") -> Description:
    keywords = tuple(row[f"{prefix}keywords"] or ())
    return Description(row[f"{prefix}caption"], keywords, row[f"{prefix}rating"])


def _record(row: RowMapping, files: Sequence[tuple[str, Description]], size: int) -> PhotoRecord:
    described = Description()
    for _, sidecar in files:
        described = described.over(sidecar)
    described = described.over(_description(row))
    return PhotoRecord(
        photo_id=row["id"],
        paths=tuple(path for path, _ in files),
        content_hash=row["content_hash"],
        width=row["width"],
        height=row["height"],
        format=row["format"],
        taken_at=row["taken_at"],
        camera=row["camera"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        place=Place(row["place"], row["country_code"]) if row["place"] else None,
        caption=described.caption,
        keywords=described.keywords,
        rating=described.rating,
        duration_s=row["duration_s"],
        phash=row["phash"],
        size=size,
    )
