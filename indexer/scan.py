"""Folders to candidate files, in the order of their paths. Nothing is opened here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path

from indexer.errors import FolderNotFound, FolderUnreadable
from storage.records import FileState

PHOTO_SUFFIXES = (
    ".jpg", ".jpeg", ".jpe", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".heic", ".heif", ".avif",
)  # fmt: skip
# Folders that systems and network disks keep for themselves: thumbnails, deleted files, recovered fragments.
_SYSTEM_FOLDERS = frozenset(
    {"@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information", "lost+found", "__MACOSX"}
)

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


def scan(folders: Sequence[Path], skip: Path | None, unlisted: Unlisted) -> Iterator[FileState]:
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
    skipped = None if skip is None else os.path.realpath(skip)
    for folder in folders:
        levels: list[Iterator[FileState | str]] = [
            iter([os.fspath(folder)])
        ]  # a folder inside a folder inside a folder
        while levels:
            for entry in levels[-1]:
                if isinstance(entry, FileState):
                    yield entry
                elif entry != skipped:
                    levels.append(iter(_look(entry, unlisted)))
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


def _look(folder: str, unlisted: Unlisted) -> list[FileState | str]:
    """One folder's candidate files and the folders to walk inside it, by the bytes of their paths."""
    found: list[tuple[bytes, FileState | str]] = []
    try:
        with os.scandir(folder) as listing:
            entries = list(listing)
    except OSError as error:
        unlisted(folder, error)
        return []
    for entry in entries:
        name = entry.name
        if name.startswith("."):
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                if name not in _SYSTEM_FOLDERS:
                    # "a-b.jpg" comes before "a/c.jpg", though "a" comes before "a-b.jpg".
                    found.append((os.fsencode(name + os.sep), entry.path))
            elif name.lower().endswith(PHOTO_SUFFIXES) and entry.is_file(follow_symlinks=False):
                facts = entry.stat(follow_symlinks=False)
                found.append((os.fsencode(name), FileState(entry.path, facts.st_size, facts.st_mtime_ns)))
        except OSError as error:
            unlisted(entry.path, error)
    found.sort(key=itemgetter(0))
    return [each for _, each in found]
