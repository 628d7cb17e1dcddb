"""Folders to candidate files, and what is new, changed, unchanged or gone since the library last looked.

Nothing is opened here: a file is judged by its path, its size and its time of last change.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import FolderNotFound, FolderUnreadable
from indexer.kinds import RAW_SUFFIXES, VIDEO_SUFFIXES
from indexer.sidecar import Sidecars
from storage.records import FileState, KnownFile

PHOTO_SUFFIXES = (
    ".jpg", ".jpeg", ".jpe", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".heic", ".heif", ".avif",
)  # fmt: skip
SUFFIXES = (*PHOTO_SUFFIXES, *RAW_SUFFIXES, *VIDEO_SUFFIXES)
"""Every file that is a candidate: photos, RAW photos and videos."""

# Folders that systems and network disks keep for themselves: thumbnails, deleted files, recovered fragments.
_SYSTEM_FOLDERS = frozenset(
    {"@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information", "lost+found", "__MACOSX"}
)

Unlisted = Callable[[str, OSError], None]
"""Called with a path that could not be looked at, and why; as `os.walk` calls its `onerror`."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Candidates set against what the library knew.

    `returned` are unchanged files that were missing at the last look; they are not in `unchanged`.
    `vanished` are files that were present at the last look and are not among the candidates.
    """

    new: tuple[FileState, ...]
    changed: tuple[FileState, ...]
    unchanged: tuple[FileState, ...]
    returned: tuple[FileState, ...]
    vanished: tuple[KnownFile, ...]


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
    """Walk the folders and give every candidate file, in the order of their paths within a folder.

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
        waiting = [os.fspath(folder)]
        while waiting:
            here = waiting.pop()
            if here == skipped:
                continue
            files, inner = _look(here, unlisted)
            yield from files
            waiting.extend(reversed(inner))


def changes(candidates: Iterable[FileState], known: Mapping[str, KnownFile]) -> Changes:
    """Set candidates against the library's files by path, size, and times of last change, sidecars' too."""
    new: list[FileState] = []
    changed: list[FileState] = []
    unchanged: list[FileState] = []
    returned: list[FileState] = []
    seen: set[str] = set()
    for file in candidates:
        before = known.get(file.path)
        seen.add(file.path)
        if before is None:
            new.append(file)
        elif _state(before) != _state(file):
            changed.append(file)
        elif before.missing:
            returned.append(file)
        else:
            unchanged.append(file)
    vanished = (file for path, file in known.items() if path not in seen and not file.missing)
    return Changes(tuple(new), tuple(changed), tuple(unchanged), tuple(returned), tuple(vanished))


def _state(file: FileState | KnownFile) -> tuple[int, int, int]:
    return file.size, file.mtime_ns, file.sidecar_ns


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


def _look(folder: str, unlisted: Unlisted) -> tuple[list[FileState], list[str]]:
    """One folder's candidate files and the folders to walk inside it, both sorted by name."""
    files: list[FileState] = []
    inner: list[str] = []
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        unlisted(folder, error)
        return files, inner
    sidecars = Sidecars(entries)
    for entry in entries:
        if entry.name.startswith("."):
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _SYSTEM_FOLDERS:
                    inner.append(entry.path)
            elif entry.name.lower().endswith(SUFFIXES) and entry.is_file(follow_symlinks=False):
                facts = entry.stat(follow_symlinks=False)
                sidecar_ns = sidecars.changed_ns(entry.name)
                files.append(FileState(entry.path, facts.st_size, facts.st_mtime_ns, sidecar_ns))
        except OSError as error:
            unlisted(entry.path, error)
    return files, inner
