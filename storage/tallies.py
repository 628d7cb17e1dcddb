"""The photos of a library counted: by folder, by month, by camera and by format."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, exists, func, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import String

from storage.database import Database
from storage.roots import Roots
from storage.schema import PRESENT, FailedFile, File, Photo


@dataclass(frozen=True, slots=True)
class FolderTally:
    """One of the library's folders.

    Attributes:
        path: Absolute.
        files: Files that were there at the last look.
        missing: Files that were gone.
        failures: Files that could not be read.
    """

    path: str
    files: int
    missing: int
    failures: int


@dataclass(frozen=True, slots=True)
class ShotTally:
    """How many photos with a present file there are of each kind; those that do not say are in no count.

    Attributes:
        months: By the camera's clock, as in `2024-05`; the earliest first.
        cameras: By make and model; most photos first.
        formats: By the decoder's name for the format; most photos first.
    """

    months: tuple[tuple[str, int], ...]
    cameras: tuple[tuple[str, int], ...]
    formats: tuple[tuple[str, int], ...]


class Tallies:
    """Every method is one consistent view of the rows."""

    def __init__(self, database: Database) -> None:
        """Work on the given catalog."""
        self._database = database

    def folders(self) -> list[FolderTally]:
        """Every folder that was indexed, by path; a file counts for the deepest one above it."""
        present = func.count(case((PRESENT, File.id)))
        files = select(File.root_id, present, func.count(File.missing_since)).group_by(File.root_id)
        failures = select(FailedFile.root_id, func.count()).group_by(FailedFile.root_id)
        with self._database.reading() as connection:
            paths = Roots(connection).paths
            counts = {root_id: (there, gone) for root_id, there, gone in connection.execute(files)}
            failed = {root_id: count for root_id, count in connection.execute(failures)}
        tallies = (
            FolderTally(path, *counts.get(root_id, (0, 0)), failed.get(root_id, 0))
            for root_id, path in paths.items()
        )
        return sorted(tallies, key=lambda tally: tally.path)

    def shots(self) -> ShotTally:
        """Photos with a present file by month, camera and format."""
        month = func.substr(type_coerce(Photo.taken_at, String), 1, len("2024-05"))
        with self._database.reading() as connection:
            months = connection.execute(_counted(month)).all()
            cameras = connection.execute(_counted(Photo.camera)).all()
            formats = connection.execute(_counted(Photo.format)).all()
        by_time = tuple(sorted((name, count) for name, count in months))
        return ShotTally(by_time, _ranked(cameras), _ranked(formats))


def _counted(value: ColumnElement[Any] | InstrumentedAttribute[Any]) -> Select[str, int]:
    present = exists().where(File.photo_id == Photo.id, PRESENT)
    return select(value, func.count()).where(value.is_not(None), present).group_by(value)


def _ranked(rows: Sequence[Row[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(((name, count) for name, count in rows), key=lambda each: (-each[1], each[0])))
