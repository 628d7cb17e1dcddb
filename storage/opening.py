"""What a library folder must be before its catalog is opened, and the opening of that catalog."""

import os
from pathlib import Path

from storage import upgrade
from storage.database import Database
from storage.errors import LibraryNotFound, LibraryUnwritable

CATALOG = "catalog.sqlite"
LOCK = "writer.lock"
THUMBNAILS = "thumbnails.sqlite"
PIXELS = "pixels.sqlite"
# Where the web page keeps what it knows of the runs that it started; one may be what makes the library.
BACKGROUND = "background"
# How the folder's name begins in which a backup is made ready to be put in the catalog's place.
RESTORING = "restoring-"
# What a creation that was killed, or a catalog that was lost, leaves behind; such a folder is taken up again.
_OUR_FILES = {LOCK, f"{CATALOG}-journal", BACKGROUND} | {
    f"{name}{suffix}" for name in (CATALOG, THUMBNAILS, PIXELS) for suffix in ("", "-wal", "-shm")
}


def make_folder(folder: Path, *, create: bool) -> None:
    """Make the folder for a new library, or take one that is empty.

    Raises:
        LibraryNotFound: None was asked for, or the folder holds other things.
        LibraryUnwritable: The folder cannot be made or read.
    """
    if not create:
        raise LibraryNotFound(f"there is no library in {folder}; make one with `bridgelens index FOLDER`")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = sorted(set(os.listdir(folder)) - _OUR_FILES)
        strangers = [name for name in others if not name.startswith(RESTORING)]
    except OSError as problem:
        raise LibraryUnwritable(
            f"cannot make a library in {folder}: {problem.strerror}; choose another folder with --library"
        ) from problem
    if strangers:
        raise LibraryNotFound(
            f"{folder} is not a library, and holds other things ({strangers[0]}); "
            "choose an empty or new folder with --library"
        )


def open_database(folder: Path, *, create: bool, write: bool) -> Database:
    """The folder's catalog, with the tables of this version.

    Raises:
        LibraryNotFound: It has no tables, and none were asked for.
        LibraryTooNew: A newer version wrote it.
        LibraryUnwritable: It cannot be opened, or is older and cannot be brought up to date.
        LibraryDamaged: It is not a usable database.
    """
    database = Database(folder / CATALOG, write=write)
    try:
        if not create and upgrade.revision(database) is None:
            raise LibraryNotFound(
                f"the library in {folder} was never finished; make it again with `bridgelens index FOLDER`"
            )
        if write:
            upgrade.upgrade(database)
        else:
            upgrade.check_revision(database)
    except BaseException:
        database.close()
        raise
    return database
