"""Folders to candidate files, in the order of their paths. Nothing is opened here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from indexer.errors import FolderNotFound, FolderUnreadable
from storage.records import PathState

PHOTO_SUFFIXES = (
    ".jpg", ".jpeg", ".jpe", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".heic", ".heif", ".avif",
)  # fmt: skip
# Folders that systems and network disks keep for themselves: thumbnails, deleted files, recovered fragments.
_SYSTEM_FOLDERS = frozenset(
    {b"@eaDir", b"#recycle", b"$RECYCLE.BIN", b"System Volume Information", b"lost+found", b"__MACOSX"}
)
_SUFFIXES = tuple(map(os.fsencode, PHOTO_SUFFIXES))
_SEPARATOR = os.fsencode(os.sep)
_FOLDER = -1  # in place of the size of a file

Unlisted = Callable[[str, OSError], None]
"""Called with a path that could not be looked at, and why; as `os.walk` calls its `onerror`."""


def outermost(folders: Sequence[Path]) -> list[Path]:
    """The folders without links, each once and sorted, those inside another left out.

    Raises:
        FolderNotFound: when one is not there or is not a folder.
        FolderUnreadable: when one cannot be listed.
    """
    kept: list[Path] = []
    for folder in sorted({_existing(folder) for folder in folders}):
        if not any(folder.is_relative_to(outer) for outer in kept):
            kept.append(folder)
    return kept


def scan(folders: Sequence[Path], skip: Path | None, unlisted: Unlisted) -> Iterator[PathState]:
    """Walk the folders and give every candidate file, in the order of the bytes of their paths.

    That is the order in which the library lists its own files, so that the two can be compared side by side;
    no more than the listings of one folder and those above it is in memory.

    Hidden files and folders (a leading dot), system folders and `skip`, the library's own folder, are left
    out. Symbolic links are not followed: what one inside the folders leads to is found where it lies, and one
    that leads out of them must not be followed, so there are no loops either.

    Args:
        folders: Absolute, without links and none inside another, as `outermost` gives them.
        skip: A folder to leave out with all it holds.
        unlisted: Told of every folder that could not be listed and every file whose size could not be
            asked, those that went away in the meantime too: so a disk looks that is unplugged during a scan.
    """
    skipped = None if skip is None else os.fsencode(os.path.realpath(skip))
    for folder in map(os.fsencode, folders):
        if folder == skipped:
            continue
        levels = [iter(_look(folder, unlisted))]  # a folder inside a folder inside a folder
        while levels:
            for entry in levels[-1]:
                if entry[1] != _FOLDER:
                    yield entry
                elif (inner := entry[0][:-1]) != skipped:
                    levels.append(iter(_look(inner, unlisted)))
                    break
            else:
                levels.pop()


def _existing(folder: Path) -> Path:
    try:
        real = folder.expanduser().resolve(strict=True)
        if not real.is_dir():
            raise NotADirectoryError
        os.scandir(real).close()
    except (FileNotFoundError, NotADirectoryError):
        raise FolderNotFound(os.fspath(folder)) from None
    except (OSError, RuntimeError) as error:  # RuntimeError: how Python 3.11 reports a loop of links
        raise FolderUnreadable(os.fspath(folder), getattr(error, "strerror", None) or str(error)) from error
    return real


def _look(folder: bytes, unlisted: Unlisted) -> list[PathState]:
    """One folder's candidate files and, their size `_FOLDER`, the folders to walk inside it, in order."""
    found: list[PathState] = []
    try:
        with os.scandir(folder) as listing:
            entries = list(listing)
    except OSError as error:
        unlisted(os.fsdecode(folder), error)
        return []
    for entry in entries:
        name = entry.name
        if name.startswith(b"."):
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                if name not in _SYSTEM_FOLDERS:
                    # With its separator, as "a-b.jpg" comes before "a/c.jpg", though "a" before "a-b.jpg".
                    found.append((entry.path + _SEPARATOR, _FOLDER, 0))
            elif name.lower().endswith(_SUFFIXES) and entry.is_file(follow_symlinks=False):
                facts = entry.stat(follow_symlinks=False)
                found.append((entry.path, facts.st_size, facts.st_mtime_ns))
        except OSError as error:
            unlisted(os.fsdecode(entry.path), error)
    found.sort()
    return found
