"""A backup put in a catalog's place, and the catalog that was there kept beside it."""

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, insert, inspect, update

from storage import upgrade
from storage.database import BUSY_TIMEOUT_S, Database
from storage.embeddings import Embeddings
from storage.errors import BackupInvalid, LibraryDamaged, LibraryTooNew, LibraryUnwritable, StorageError
from storage.index_file import IndexFile
from storage.index_writing import sync_folder
from storage.lock import WriterLock
from storage.opening import CATALOG, LOCK, RESTORING, make_folder
from storage.roots import absolute
from storage.schema import IndexFile as IndexFileRow
from storage.schema import Run, Setting
from storage.snapshot import is_damage, one_view, problems, write_copy

RESTORED = "restored"
# Every version's catalog has these.
_TABLES = {"roots", "photos", "files", "models", "embeddings", "runs", "failures", "settings"}


@dataclass(frozen=True, slots=True)
class Restored:
    """A library that was brought back.

    Attributes:
        photos: Photos in it, those without a present file included.
        kept: The catalog that was replaced; None where there was none.
    """

    photos: int
    kept: Path | None


def restore(folder: Path, backup: Path) -> Restored:
    """Put a backup in the place of a library's catalog, or make a library of it in a new or empty folder.

    Whatever fails, the catalog stays as it was. Programs that read the library meanwhile go on, and see the
    restored rows as soon as they ask again.

    Raises:
        BackupInvalid: The file is no whole catalog of bridgelens.
        LibraryTooNew: A newer version wrote it.
        LibraryLocked: Another program writes to the library.
        LibraryNotFound: The folder holds other things than a library.
        LibraryUnwritable: The folder cannot be written to, or the disk is full.
    """
    folder, backup = Path(absolute(folder)), Path(absolute(backup))
    catalog = folder / CATALOG
    if catalog.exists() and backup.exists() and backup.samefile(catalog):
        raise BackupInvalid(f"{backup} is the library's own catalog; name a backup of it")
    check_backup(backup)
    if not catalog.is_file():
        make_folder(folder, create=True)
    lock = WriterLock(folder / LOCK)
    try:
        with tempfile.TemporaryDirectory(prefix=RESTORING, dir=folder, ignore_cleanup_errors=True) as ready:
            photos = _make_ready(backup, Path(ready) / CATALOG, catalog)
            kept = _keep(catalog) if catalog.is_file() else None
            _put(Path(ready) / CATALOG, catalog)
        _save_indexes(folder)
    except (OSError, sqlite3.Error) as problem:
        raise LibraryUnwritable(
            f"cannot restore {backup} to {folder}: {problem}; nothing was changed. "
            "Free some disk space and run it again"
        ) from problem
    finally:
        lock.release()
    return Restored(photos, kept)


def check_backup(backup: Path) -> None:
    """Refuse what is no whole catalog that this version can read.

    Raises:
        BackupInvalid, LibraryTooNew: as `restore`.
    """
    if not backup.is_file():
        raise BackupInvalid(f"{backup}: expected a backup, found no such file")
    if _is_cut_short(backup):
        raise BackupInvalid(
            f"{backup} is cut short: it has fewer bytes than its first ones say; use another backup"
        )
    try:
        with closing(Database(backup, write=False)) as database:
            with one_view(database) as connection:
                found = problems(connection)
            if found:
                raise BackupInvalid(f"{backup} is damaged or cut short ({found[0]}); use another backup")
            revision = upgrade.revision(database)
            with database.reading() as rows:
                tables = set(inspect(rows).get_table_names())
    except (LibraryDamaged, LibraryUnwritable) as damage:
        raise BackupInvalid(
            f"{backup} cannot be read as a backup ({damage.__cause__ or damage}); use another one"
        ) from damage
    if revision is None or not tables >= _TABLES:
        raise BackupInvalid(f"{backup} is a database, but none of bridgelens; name a file of its backup")
    if revision not in upgrade.known_revisions():
        raise LibraryTooNew(
            f"{backup} has tables of revision {revision}, and this bridgelens knows them up to "
            f"{upgrade.HEAD}; install the newer bridgelens that wrote it"
        )


def _is_cut_short(backup: Path) -> bool:
    """Whether pages are missing at the end, which SQLite notices only where they are in use.

    Source: https://www.sqlite.org/fileformat.html, section 1.3: the page size is at byte 16, 1 for 65,536,
    and the number of pages at byte 28.
    """
    try:
        with open(backup, "rb") as file:
            header = file.read(100)
            size = file.seek(0, os.SEEK_END)
    except OSError:
        return False  # opening it as a database says why
    if len(header) < 100 or not header.startswith(b"SQLite format 3\0"):
        return False
    page = int.from_bytes(header[16:18], "big")
    return size < (65_536 if page == 1 else page) * int.from_bytes(header[28:32], "big")


def _make_ready(backup: Path, ready: Path, catalog: Path) -> int:
    """The backup as it is to be in the library: of this version, no run going on; how many photos it has."""
    with closing(Database(backup, write=False)) as source, one_view(source) as view:
        write_copy(view, ready)
    with closing(Database(ready, write=True)) as database:
        upgrade.upgrade(database)
        # What others remember of the rows holds while this number stays the same, so it only ever grows.
        changes = str(max(_changes(catalog), database.changes()) + 1)
        with database.writing() as connection:
            connection.execute(update(Run).where(Run.status == "running").values(status="interrupted"))
            connection.execute(delete(IndexFileRow))
            connection.execute(delete(Setting).where(Setting.key.in_((RESTORED, "changes"))))
            new = [{"key": key, "value": changes} for key in (RESTORED, "changes")]
            connection.execute(insert(Setting), new)
            photos = connection.exec_driver_sql("SELECT count(*) FROM photos").scalar_one()
    return int(photos)


def _changes(catalog: Path) -> int:
    """The count of changes of the catalog that is replaced; 0 where it cannot be read."""
    with suppress(StorageError, ValueError), closing(Database(catalog, write=False)) as database:
        return int(database.setting("changes") or 0)
    return 0


def _keep(catalog: Path) -> Path:
    """A copy of the catalog beside it, under a name of its own: of its rows, or, damaged, of its bytes."""
    now = datetime.now().strftime("%Y%m%d-%H%M%S")
    names = (f"catalog-before-restore-{now}{more}.sqlite" for more in ("", *(f"-{n}" for n in range(2, 100))))
    kept = next(path for name in names if not (path := catalog.with_name(name)).exists())
    part = kept.with_name(kept.name + ".part")
    try:
        with closing(Database(catalog, write=False)) as database, one_view(database) as view:
            write_copy(view, part)
        os.replace(part, kept)
    except LibraryDamaged:
        for suffix in ("", "-wal"):
            with suppress(FileNotFoundError):
                shutil.copy2(f"{catalog}{suffix}", f"{kept}{suffix}")
    finally:
        part.unlink(missing_ok=True)
    sync_folder(kept.parent)
    return kept


def _put(ready: Path, catalog: Path) -> None:
    """Write the new rows over the old ones in one transaction of SQLite's, or move the file where none are.

    To move it over a catalog that others have open would take their locks and their log from under them.
    """
    if catalog.is_file():
        try:
            with closing(_connected(ready)) as source, closing(_connected(catalog)) as target:
                target.execute("PRAGMA synchronous = FULL")
                source.backup(target)
            return
        except sqlite3.DatabaseError as damage:
            if not is_damage(damage):
                raise
    for suffix in ("-wal", "-shm"):
        catalog.with_name(catalog.name + suffix).unlink(missing_ok=True)
    os.replace(ready, catalog)
    sync_folder(catalog.parent)


def _connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)


def _save_indexes(folder: Path) -> None:
    """Make the FAISS files anew; without them the next to open the library does it in memory."""
    with closing(Database(folder / CATALOG, write=True)) as database, suppress(LibraryUnwritable):
        embeddings = Embeddings(database)
        for model_id, model, count in embeddings.models():
            if count:
                IndexFile(folder, embeddings, model_id, model).save()
