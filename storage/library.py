"""A library folder opened as one thing: the rows, which are the truth, and FAISS indexes that follow them.

In the folder: catalog.sqlite, one index-<fingerprint>.faiss a model, writer.lock, and two caches that may be
deleted at any time, thumbnails.sqlite and pixels.sqlite.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from storage import filtering, listing, pruning
from storage.bounds import PIXEL_BYTES
from storage.caches import Caches
from storage.catalog import Catalog
from storage.database import Database
from storage.embeddings import Embeddings
from storage.errors import LibraryUnwritable
from storage.facets import FacetCounter, Facets
from storage.filters import Filter
from storage.index_file import EXACT_LIMIT, IndexLag
from storage.index_files import IndexFiles
from storage.journal import Journal
from storage.listing import ListedFile
from storage.lock import WriterLock
from storage.models import Models
from storage.opening import CATALOG, LOCK, make_folder, open_database
from storage.photo_set import PhotoSet
from storage.present_photos import PresentPhotos
from storage.pruning import Pruned, Selection
from storage.records import (
    Failure,
    Ids,
    KnownFile,
    LibraryStatus,
    MissingFile,
    ModelRef,
    NewPhoto,
    PhotoRecord,
    Place,
    Vector,
)
from storage.roots import absolute
from storage.tags import Tags
from storage.tallies import Tallies
from storage.vector_index import VectorIndex


class Library:
    """One library folder. Use `Library.open`, and close it or use it in a `with`.

    Safe to share between threads. Paths are absolute, as `os.fsdecode` gives them.

    Attributes:
        folder: Where it lies.
        models: Which model it is searched with, and what each has not embedded.
        tags: Words for its photos, proposed by a model or given by a user.
        thumbnails: Small pictures, JPEG files, by content hash; one opened for reading takes new ones too.
        pixels: Photos as a model takes them, by content hash and the model's fingerprint; likewise.
        tallies: Its photos counted by folder, month, camera and format.
    """

    def __init__(
        self, folder: Path, database: Database, lock: WriterLock | None, *,
        pixel_bytes: int = PIXEL_BYTES, exact_limit: int = EXACT_LIMIT,
    ) -> None:  # fmt: skip
        """Put together what `open` opened."""
        self.folder = folder
        self._database = database
        self._lock = lock
        self._catalog = Catalog(database)
        self._embeddings = Embeddings(database)
        self._journal = Journal(database)
        self._facets = FacetCounter(database)
        self._present = PresentPhotos(database, self._catalog)
        self.models = Models(database)
        self.tags = Tags(database)
        self.tallies = Tallies(database)
        self._index_files = IndexFiles(folder, database, self._embeddings, exact_limit)
        self._caches = Caches(folder, pixel_bytes)
        self.thumbnails, self.pixels = self._caches.thumbnails, self._caches.pixels

    @classmethod
    def open(
        cls, folder: Path, *, create: bool = False, write: bool = False,
        pixel_bytes: int = PIXEL_BYTES, exact_limit: int = EXACT_LIMIT,
    ) -> Library:  # fmt: skip
        """Open a library, for reading unless `write` is given; reading works while another program writes.

        A writer brings an older library up to date; `create` makes a new one where there is none. `pixels`
        takes `pixel_bytes` on the disk at most; with 0 it keeps none, and a writer deletes those of before.
        With more than `exact_limit` photos the index that is saved is a compressed one.

        Raises:
            LibraryNotFound: There is no library here, or the folder holds other things and none can be made.
            LibraryTooNew: A newer version wrote it.
            LibraryLocked: Another writer has it.
            LibraryUnwritable: Writing was asked for, or is needed once, and the folder does not allow it.
            LibraryDamaged: catalog.sqlite is not a usable database.
        """
        folder = Path(absolute(folder))
        bounds = {"pixel_bytes": pixel_bytes, "exact_limit": exact_limit}
        if not (folder / CATALOG).is_file():
            make_folder(folder, create=create)
        if not write:
            if create and not (folder / CATALOG).is_file():
                cls.open(folder, create=True, write=True).close()
            return cls(folder, open_database(folder, create=False, write=False), None, **bounds)
        lock = WriterLock(folder / LOCK)
        try:
            library = cls(folder, open_database(folder, create=create, write=True), lock, **bounds)
        except BaseException:
            lock.release()
            raise
        library._caches.discard_unwanted()
        return library

    def close(self) -> None:
        """Close the files and let the next writer in."""
        self._caches.close()
        self._database.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> Self:
        """The library itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    # Folders and files

    def add_root(self, folder: Path) -> None:
        """Add a folder to the library; one that is there already stays as it is."""
        self._catalog.add_root(os.fspath(folder))

    def roots(self) -> list[str]:
        """The folders that were indexed, sorted."""
        return self._catalog.roots()

    def known_files(self, root: str) -> dict[str, KnownFile]:
        """The files in a folder or deeper, present and missing, by path."""
        return self._catalog.known_files(root)

    def listed_files(self, folder: str, model: ModelRef) -> Generator[ListedFile, None, None]:
        """The files in a folder or deeper, present and missing, in the order of a walk.

        One view of the rows stays open until the iterator ends or is closed.
        """
        return listing.in_order(self._database, folder, model)

    def photo_ids_at(self, paths: Iterable[str]) -> dict[str, int]:
        """The photos that these files, present or missing, held when last read; unknown paths left out."""
        return self._catalog.photo_ids_at(paths)

    def missing_files(self, photo_id: int | None, limit: int) -> list[MissingFile]:
        """Files that are gone, of one photo or of all, those that went last first, at most `limit`."""
        return self._catalog.missing_files(photo_id, limit)

    def mark_missing(self, paths: Sequence[str], at: datetime | None = None) -> None:
        """Say of files that they are gone, since now or `at`. Their photos and embeddings are kept."""
        self._catalog.mark(paths, missing=True, at=at)

    def mark_present(self, paths: Sequence[str]) -> None:
        """Say of missing files that they are there again, unchanged."""
        self._catalog.mark(paths, missing=False)

    # Photos and embeddings

    def photo_ids_by_hash(self, hashes: Sequence[str], model: ModelRef) -> dict[str, tuple[int, bool]]:
        """Those contents the library knows: their photo id, and whether this model has embedded them."""
        return self._catalog.photo_ids_by_hash(hashes, model)

    def add(self, model: ModelRef, batch: Sequence[NewPhoto]) -> list[int]:
        """Store a batch of decoded files, all or nothing; their photo ids, in order.

        A path that held another content now points to the new one; the old photo stays, without that file.
        What was noted of failures at these paths is dropped. `index` has the new photos from now on.

        Raises:
            FileOutsideRoots: A file lies under no root of the library.
            VectorsInvalid: An embedding does not fit the model, or a content has none here or in the library.
        """
        return self._catalog.add(model, batch)

    def with_present_files(self, photo_ids: Iterable[int]) -> set[int]:
        """Those of the photos that have at least one present file."""
        return self._catalog.with_present_files(photo_ids)

    def photos(self, ids: Iterable[int]) -> dict[int, PhotoRecord]:
        """The photos with these ids; unknown ids are left out."""
        return self._catalog.photos(ids)

    def photo_at(self, path: str) -> PhotoRecord | None:
        """The photo a file holds, or held when last there; None for a path the library does not know."""
        photo_id = self._catalog.photo_id_at(path)
        return None if photo_id is None else self._catalog.photos([photo_id])[photo_id]

    def without_place(self, limit: int) -> dict[int, tuple[float, float]]:
        """Latitude and longitude, degrees, of at most `limit` photos whose place was not looked up, by id."""
        return self._catalog.without_place(limit)

    def set_places(self, places: Mapping[int, Place | None]) -> None:
        """Store places in words by photo id; None is "far from any", and is not looked up again."""
        self._catalog.set_places(places)

    def embedding(self, photo_id: int, model: ModelRef) -> Vector | None:
        """float32, (dim,), unit norm; None when this model has not embedded this photo."""
        return self._embeddings.by_photo([photo_id], model).get(photo_id)

    def embeddings(self, photo_ids: Sequence[int], model: ModelRef) -> dict[int, Vector]:
        """As `embedding`, by photo id; photos that this model has not embedded are left out."""
        return self._embeddings.by_photo(photo_ids, model)

    def present_photo_ids(self) -> Ids:
        """Photos with at least one present file: int64, (n,), ascending; what a search is allowed to find."""
        return self._present.photos().ids

    def present_photos(self) -> PhotoSet:
        """As `present_photo_ids`, kept ready for a search from one to the next."""
        return self._present.photos()

    def photo_ids_where(self, wanted: Filter) -> Ids:
        """Photos with a present file that are as wanted: int64, (n,), ascending."""
        if wanted == Filter():
            return self.present_photo_ids()
        with self._database.reading() as connection:
            return filtering.photo_ids(connection, wanted)

    def newest(self, wanted: Filter, limit: int | None = None, skip: int = 0) -> list[int]:
        """Ids of photos that are as wanted, those taken last first, then the undated.

        At most `limit` of them, after the first `skip`.
        """
        with self._database.reading() as connection:
            return filtering.newest(connection, wanted, limit, skip)

    def facets(self, wanted: Filter, inside: str | None = None) -> Facets:
        """How many photos there are for each choice a person has now; as `Facets` says.

        Its folders are those in the folder `inside`; by default the library's own.
        """
        return self._facets.count(wanted, inside)

    def has_missing(self) -> bool:
        """Whether some photo has no present file, so that a search needs `present_photos`."""
        return not self._present.are_all()

    # The index

    def index(self, model: ModelRef) -> VectorIndex:
        """The model's index with every embedding that is stored now; ask again to see later ones.

        Raises:
            ModelMismatch: The library holds embeddings, but of other models.
        """
        index_file = self._index_files.of(model)
        return VectorIndex(model.dim) if index_file is None else index_file.level()

    def index_lag(self, model: ModelRef) -> IndexLag:
        """How far the model's index file is behind; nothing is missing from `index` for that.

        Raises:
            ModelMismatch: The library holds embeddings, but of other models.
        """
        index_file = self._index_files.of(model)
        return IndexLag() if index_file is None else index_file.lag()

    def neighbours(self, model: ModelRef, k: int) -> Iterator[tuple[Ids, Vector, Ids]]:
        """Every embedded photo's `k` nearest, itself among them, some thousands of photos at a time.

        Yields:
            Photo ids, int64, (n,); cosine similarities, float32, and their photo ids, int64, both (n, c) with
            c = min(k, photos in the index).

        Raises:
            ModelMismatch: The library holds embeddings, but of other models.
        """
        index = self.index(model)
        for rows in self._embeddings.of_model(model):
            scores, ids = index.nearest(rows.vectors, k)
            yield rows.photo_ids, scores, ids

    def save_index(self, model: ModelRef) -> None:
        """Write the model's index to its file, if that lacks anything; a search then opens quickly.

        Raises:
            LibraryUnwritable: The library was opened for reading, or the folder does not take the file.
            ModelMismatch: The library holds embeddings, but of other models.
        """
        if self._lock is None:
            raise LibraryUnwritable(f"{self.folder} was opened for reading; open the library with write=True")
        index_file = self._index_files.of(model)
        if index_file is not None:
            index_file.save()

    # Runs and failures

    def start_run(self) -> int:
        """Note that an indexing run starts; its id."""
        return self._journal.start_run()

    def end_run(
        self, run_id: int, status: Literal["complete", "interrupted", "failed"], counts: Mapping[str, int]
    ) -> None:
        """Note how the run ended and what it did."""
        self._journal.end_run(run_id, status, counts)

    def add_failures(self, failures: Sequence[Failure]) -> None:
        """Note files that could not be indexed; a newer failure at a path replaces the older."""
        self._journal.add_failures(failures)

    def forget_failures(self, paths: Sequence[str]) -> None:
        """Drop what is noted of failures at these paths, as when the files are gone."""
        self._journal.forget_failures(paths)

    def failures(self) -> list[Failure]:
        """Files that could not be indexed, sorted by path."""
        return list(self._journal.failures().values())

    def known_failures(self, root: str) -> dict[str, Failure]:
        """Failures in a folder or deeper, by path."""
        return self._journal.failures(root)

    # Forgetting

    def prunable(self, selection: Selection) -> Pruned:
        """What `prune` would forget."""
        with self._database.reading() as connection:
            return pruning.count(connection, selection)

    def prune(self, selection: Selection) -> Pruned:
        """Forget missing files, and the photos that no file is left of with their embeddings, for good.

        The FAISS files are written anew without them, and what is kept of them is deleted; whoever searches
        meanwhile finds them no more.

        Raises:
            LibraryUnwritable: The library was opened for reading, or the folder does not take a file.
        """
        with self._database.writing() as connection:
            pruned = pruning.prune(connection, selection)
        self._index_files.save_all()
        self._caches.forget_strangers(self._catalog)
        return pruned

    def state(self) -> str:
        """What is another one as soon as a transaction has changed the rows, or another catalog is there."""
        catalog = (self.folder / CATALOG).stat()
        return f"{self.folder} {catalog.st_dev} {catalog.st_ino} {self._database.changes()}"

    def status(self) -> LibraryStatus:
        """The library in numbers."""
        _, photos, files, missing_files = self._catalog.counts()
        return LibraryStatus(
            photos=photos,
            files=files,
            missing_files=missing_files,
            failures=len(self._journal.failures()),
            roots=tuple(self.roots()),
            models=tuple((model, embedded) for _, model, embedded in self._embeddings.models()),
            size_bytes=sum(entry.stat().st_size for entry in os.scandir(self.folder) if entry.is_file()),
            last_run=self._journal.last_run(),
            active_model=self.models.active(),
            thumbnail_bytes=self.thumbnails.size_bytes(),
            pixel_bytes=self.pixels.size_bytes(),
            index_kinds=self._index_files.kinds(),
        )
