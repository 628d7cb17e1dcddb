"""The rows of photos and files: what is known, what is present, what came and what went."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import case, distinct, exists, func, select, true, update

from storage import intake, models, photo_rows
from storage.database import Database, chunks
from storage.records import Ids, KnownFile, MissingFile, ModelRef, NewPhoto, PhotoRecord, Place
from storage.roots import Roots, add_root
from storage.schema import PRESENT, Embedding, File, Model, Photo


class Catalog:
    """Photos and files. Every method is one transaction; paths are absolute, as `os.fsdecode` gives them."""

    def __init__(self, database: Database) -> None:
        """Work on the given catalog."""
        self._database = database

    def roots(self) -> list[str]:
        """The folders that were indexed, sorted."""
        with self._database.reading() as connection:
            return sorted(Roots(connection).paths.values())

    def add_root(self, folder: str) -> None:
        """Add a folder; one that is there already stays as it is."""
        with self._database.writing() as connection:
            add_root(connection, folder)

    def add(self, model: ModelRef, batch: Sequence[NewPhoto]) -> list[int]:
        """Store a batch, all or nothing; as `storage.intake.add`."""
        if not batch:
            return []
        with self._database.writing() as connection:
            models.note_first(connection, model)
            return intake.add(connection, model, batch)

    def known_files(self, root: str) -> dict[str, KnownFile]:
        """The files in a folder or deeper, present and missing, by path; it need not be a root itself."""
        state = (File.size, File.mtime_ns, File.photo_id, File.missing_since, File.sidecar_ns)
        query = select(File.root_id, File.relative_path, *state)
        known: dict[str, KnownFile] = {}
        with self._database.reading() as connection:
            roots = Roots(connection)
            rows = connection.execute(query.where(roots.under(root, File)))
            for root_id, relative_path, size, mtime_ns, photo_id, missing_since, sidecar_ns in rows:
                path = roots.absolute(root_id, relative_path)
                missing = missing_since is not None
                known[path] = KnownFile(path, size, mtime_ns, photo_id, missing, sidecar_ns)
        return known

    def photo_ids_at(self, paths: Iterable[str]) -> dict[str, int]:
        """The photos that these files, present or missing, held when last read; unknown paths left out."""
        query = select(File.root_id, File.relative_path, File.photo_id)
        found: dict[str, int] = {}
        with self._database.reading() as connection:
            roots = Roots(connection)
            for root_id, relative_paths in roots.places(paths).items():
                for part in chunks(relative_paths):
                    here = query.where(File.root_id == root_id, File.relative_path.in_(part))
                    for _, relative_path, photo_id in connection.execute(here):
                        found[roots.absolute(root_id, relative_path)] = photo_id
        return found

    def with_present_files(self, photo_ids: Iterable[int]) -> set[int]:
        """Those of the photos that have at least one present file."""
        present = exists().where(File.photo_id == Photo.id, PRESENT)
        found: set[int] = set()
        with self._database.reading() as connection:
            for part in chunks(list(photo_ids)):
                found.update(connection.scalars(select(Photo.id).where(Photo.id.in_(part), present)))
        return found

    def missing_files(self, photo_id: int | None, limit: int) -> list[MissingFile]:
        """Files that are gone, of one photo or of all, those that went last first, at most `limit`."""
        of_photo = true() if photo_id is None else File.photo_id == photo_id
        query = (
            select(File.id, File.root_id, File.relative_path, File.missing_since)
            .where(of_photo, File.missing_since.is_not(None))
            .order_by(File.missing_since.desc(), File.id.desc())
            .limit(limit)
        )
        with self._database.reading() as connection:
            roots = Roots(connection)
            return [
                MissingFile(file_id, roots.absolute(root_id, relative_path), since)
                for file_id, root_id, relative_path, since in connection.execute(query)
                if since is not None
            ]

    def photo_ids_by_hash(self, hashes: Sequence[str], model: ModelRef) -> dict[str, tuple[int, bool]]:
        """Those contents the library knows: their photo id, and whether this model has embedded them."""
        model_id = select(Model.id).where(Model.fingerprint == model.fingerprint).scalar_subquery()
        query = select(Photo.content_hash, Photo.id, Embedding.id.is_not(None)).outerjoin(
            Embedding, (Embedding.photo_id == Photo.id) & (Embedding.model_id == model_id)
        )
        known: dict[str, tuple[int, bool]] = {}
        with self._database.reading() as connection:
            for part in chunks(hashes):
                rows = connection.execute(query.where(Photo.content_hash.in_(part)))
                known.update((content_hash, (photo_id, has)) for content_hash, photo_id, has in rows)
        return known

    def mark(self, paths: Iterable[str], *, missing: bool, at: datetime | None = None) -> None:
        """Say of files that they are gone, or there again; a path the library does not know is let be.

        `at` is when they were found gone, by default now.
        """
        since = (at or datetime.now(UTC)) if missing else None
        # A file that was missing before stays missing since then.
        before = PRESENT if missing else File.missing_since.is_not(None)
        with self._database.writing() as connection:
            for root_id, relative_paths in Roots(connection).places(paths).items():
                for part in chunks(relative_paths):
                    here = update(File).where(File.root_id == root_id, File.relative_path.in_(part), before)
                    connection.execute(here.values(missing_since=since))

    def present_photo_ids(self) -> Ids:
        """Photos with at least one present file: int64, (n,), ascending."""
        query = select(File.photo_id).where(PRESENT).distinct().order_by(File.photo_id)
        with self._database.reading() as connection:
            return np.fromiter(connection.scalars(query), dtype=np.int64)

    def photos(self, ids: Iterable[int]) -> dict[int, PhotoRecord]:
        """The photos with these ids; unknown ids are left out."""
        with self._database.reading() as connection:
            return photo_rows.read(connection, [int(photo_id) for photo_id in ids])

    def photo_id_at(self, path: str) -> int | None:
        """The photo a file holds, or held; None for a path the library does not know."""
        with self._database.reading() as connection:
            return photo_rows.id_at(connection, path)

    def without_place(self, limit: int) -> dict[int, tuple[float, float]]:
        """Latitude and longitude of photos whose place was not looked up, by photo id."""
        with self._database.reading() as connection:
            return photo_rows.without_place(connection, limit)

    def set_places(self, places: Mapping[int, Place | None]) -> None:
        """Store places in words; None is "far from any"."""
        with self._database.writing() as connection:
            photo_rows.set_places(connection, places)

    def photo_count(self) -> int:
        """How many photos there are, with a present file or without."""
        with self._database.reading() as connection:
            return connection.scalar(select(func.count()).select_from(Photo)) or 0

    def counts(self) -> tuple[int, int, int, int]:
        """Photos in all, photos with a present file, present files, missing files."""
        present_photo = case((PRESENT, File.photo_id))
        files = select(func.count(), func.count(File.missing_since), func.count(distinct(present_photo)))
        with self._database.reading() as connection:
            total = connection.scalar(select(func.count()).select_from(Photo)) or 0
            known, missing, present = connection.execute(files.select_from(File)).one()
        return total, present, known - missing, missing
