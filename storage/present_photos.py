"""The photos that are there, read once and kept until the library changes."""

import threading

from storage.catalog import Catalog
from storage.database import Database
from storage.photo_set import PhotoSet


class PresentPhotos:
    """The photos of a catalog with a present file; safe to share between threads."""

    def __init__(self, database: Database, catalog: Catalog) -> None:
        """Those of the given catalog, which lies in the database."""
        self._database = database
        self._catalog = catalog
        self._lock = threading.Lock()
        self._kept: tuple[int, PhotoSet, bool] | None = None

    def photos(self) -> PhotoSet:
        """Their ids."""
        return self._current()[0]

    def are_all(self) -> bool:
        """Whether there are no other photos."""
        return self._current()[1]

    def _current(self) -> tuple[PhotoSet, bool]:
        changes = self._database.changes()
        with self._lock:
            if self._kept is None or self._kept[0] != changes:
                photos = PhotoSet(self._catalog.present_photo_ids())
                self._kept = (changes, photos, len(photos) == self._catalog.photo_count())
            return self._kept[1:]
