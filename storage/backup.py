"""A library's catalog as one file elsewhere; FAISS files, thumbnails and pixels are caches and left out."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from storage import upgrade
from storage.database import Database
from storage.errors import BackupFailed, LibraryDamaged, LibraryNotFound
from storage.index_writing import sync_folder
from storage.opening import CATALOG
from storage.roots import absolute
from storage.snapshot import OnProgress, one_view, problems, write_copy


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup that was written and examined.

    Attributes:
        path: Where it lies, absolute.
        photos: Photos in it, those without a present file included.
        size_bytes: Its length.
    """

    path: Path
    photos: int
    size_bytes: int


def back_up(
    folder: Path, target: Path, *, force: bool = False, on_progress: OnProgress | None = None
) -> BackedUp:
    """Write a library's rows, as they are at one moment, to one file; others go on reading and writing them.

    The file appears under its name only when it is whole: it is written beside, examined and synced first.

    Raises:
        LibraryNotFound: There is no library in the folder.
        LibraryDamaged: The library cannot be read, or the copy of it is damaged too.
        BackupFailed: `target` is there and `force` is not given, lies in the library's own folder, or cannot
            be written; what was there before stays.
    """
    folder, target = Path(absolute(folder)), Path(absolute(target))
    if not (folder / CATALOG).is_file():
        raise LibraryNotFound(f"there is no library in {folder}; make one with `bridgelens index FOLDER`")
    _refuse(folder, target, force)
    with closing(Database(folder / CATALOG, write=False)) as database:
        if upgrade.revision(database) is None:
            raise LibraryNotFound(f"the library in {folder} was never finished, and holds nothing to back up")
        with _written_beside(target) as part, one_view(database) as source:
            write_copy(source, part, on_progress)
            photos = _examined(part, folder)
            os.chmod(part, (folder / CATALOG).stat().st_mode & 0o777)
            _refuse(folder, target, force)  # it may have come while this was written
            os.replace(part, target)
            sync_folder(target.parent)
    return BackedUp(target, photos, target.stat().st_size)


def _refuse(folder: Path, target: Path, force: bool) -> None:
    if target.is_dir():
        raise BackupFailed(f"{target} is a folder; name a file, such as {target / 'bridgelens.sqlite'}")
    if target.parent.resolve() == folder.resolve():
        raise BackupFailed(
            f"{target} lies in the library's own folder, and would be lost with it; name a file elsewhere"
        )
    if target.exists() and not force:
        raise BackupFailed(f"{target} is there already; name another file, or replace it with --force")


@contextmanager
def _written_beside(target: Path) -> Iterator[Path]:
    """A new file in the target's folder, gone again unless it was moved; what fails is said of the target.

    Raises:
        BackupFailed: It cannot be written.
    """
    part: Path | None = None
    try:
        fd, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
        os.close(fd)
        part = Path(name)
        yield part
    except OSError as problem:
        raise BackupFailed(
            f"cannot write {target}: {problem.strerror or problem}; choose another folder"
        ) from problem
    finally:
        if part is not None:
            part.unlink(missing_ok=True)
            part.with_name(part.name + "-journal").unlink(missing_ok=True)


def _examined(copy: Path, folder: Path) -> int:
    """How many photos a copy holds.

    Raises:
        LibraryDamaged: It is not whole.
    """
    with closing(sqlite3.connect(copy)) as connection:
        if found := problems(connection):
            raise LibraryDamaged(
                f"the library in {folder} is damaged ({found[0]}), so no backup was written; "
                "`bridgelens doctor` says what to do"
            )
        (photos,) = connection.execute("SELECT count(*) FROM photos").fetchone()
    return int(photos)
