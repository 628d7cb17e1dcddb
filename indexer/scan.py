"""Folders to candidate files, in the order of their paths. Nothing is opened here."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from indexer import ignore
from indexer.errors import FolderNotFound, FolderUnreadable
from indexer.ignore import Rules, rules_above, rules_in
from indexer.kinds import RAW_SUFFIXES, VIDEO_SUFFIXES
from indexer.sidecar import Sidecars
from storage.records import PathState, storable_ns

PHOTO_SUFFIXES = (
    ".jpg", ".jpeg", ".jpe", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".heic", ".heif", ".avif",
)  # fmt: skip
SUFFIXES = (*PHOTO_SUFFIXES, *RAW_SUFFIXES, *VIDEO_SUFFIXES)
"""Every file that is a candidate: photos, RAW photos and videos."""

# Folders that systems and network disks keep for themselves: thumbnails, deleted files, recovered fragments.
_SYSTEM_FOLDERS = frozenset(
    {b"@eaDir", b"#recycle", b"$RECYCLE.BIN", b"System Volume Information", b"lost+found", b"__MACOSX"}
)
_SUFFIXES = tuple(map(os.fsencode, SUFFIXES))
_SEPARATOR = os.fsencode(os.sep)
_RULES = os.fsencode(ignore.NAME)
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


def locate(folders: Sequence[Path], roots: Collection[str]) -> tuple[list[Path], list[str]]:
    """The folders to walk, as `outermost` gives them, and those that are offline.

    Offline is a folder that is not there although it is one of the library's `roots`: so looks a disk that is
    not plugged in.

    Raises:
        FolderNotFound: when a folder is not there and is no root, or when none is there at all.
        FolderUnreadable: when one cannot be listed.
    """
    here: list[Path] = []
    offline: list[str] = []
    for folder in folders:
        try:
            here.append(_existing(folder))
        except FolderNotFound:
            path = os.path.realpath(folder.expanduser())
            if path not in roots or os.path.lexists(path):
                raise
            offline.append(path)
    if not here and offline:
        raise FolderNotFound(offline[0])
    return outermost(here), sorted(set(offline))


def scan(
    folders: Sequence[Path],
    skip: Path | None,
    unlisted: Unlisted,
    excluded: Callable[[], None] = lambda: None,
) -> Iterator[PathState]:
    """Walk the folders and give every candidate file, in the order of the bytes of their paths.

    That is the order in which the library lists its own files, so that the two can be compared side by side;
    no more than the listings of one folder and those above it is in memory.

    Hidden files and folders (a leading dot), system folders, `skip`, the library's own folder, and what
    `.bridgelensignore` files name are left out. Symbolic links are not followed: what one inside the folders
    leads to is found where it lies, and one that leads out of them must not be followed, so there are no
    loops either.

    Args:
        folders: Absolute, without links and none inside another, as `outermost` gives them.
        skip: A folder to leave out with all it holds.
        unlisted: Told of every folder that could not be listed and every file whose size could not be
            asked, those that went away in the meantime too: so a disk looks that is unplugged during a scan.
        excluded: Called when a `.bridgelensignore` file leaves out a candidate or a folder.
    """
    walk = _Walk(None if skip is None else os.fsencode(os.path.realpath(skip)), unlisted, excluded)
    for folder in map(os.fsencode, folders):
        yield from walk.through(folder)


class _Walk:
    """A walk, with what it leaves out and whom it tells."""

    def __init__(self, skip: bytes | None, unlisted: Unlisted, excluded: Callable[[], None]) -> None:
        self._skip, self._unlisted, self._excluded = skip, unlisted, excluded

    def through(self, folder: bytes) -> Iterator[PathState]:
        """The candidates in one folder and those inside it."""
        if folder == self._skip:
            return
        try:
            rules, left_out = rules_above(folder)
        except OSError as error:
            self._unlisted(os.fsdecode(folder), error)
            return
        if left_out:
            self._excluded()
            return
        levels = [self._look(folder, rules)]  # a folder inside a folder inside a folder
        while levels:
            entries, rules = levels[-1]
            for entry in entries:
                if entry[1] != _FOLDER:
                    yield entry
                elif (inner := entry[0][:-1]) != self._skip:
                    levels.append(self._look(inner, rules))
                    break
            else:
                levels.pop()

    def _look(self, folder: bytes, rules: Rules | None) -> tuple[Iterator[PathState], Rules | None]:
        """One folder's candidates and, with `_FOLDER` for a size, the folders to walk inside it, in order.

        With them the rules that hold in the folder. One that cannot be listed, or whose rules cannot be read,
        is told and left out.
        """
        try:
            with os.scandir(folder) as listing:
                entries = list(listing)
            if any(entry.name == _RULES for entry in entries):
                rules = rules_in(folder, rules)
        except OSError as error:
            self._unlisted(os.fsdecode(folder), error)
            return iter(()), rules
        found = self._candidates(entries)
        if rules is not None:
            kept = [entry for entry in found if not rules.exclude(entry[0])]
            if len(kept) < len(found):
                self._excluded()
            found = kept
        return iter(sorted(found)), rules

    def _candidates(self, entries: Sequence[os.DirEntry[bytes]]) -> list[PathState]:
        found: list[PathState] = []
        sidecars = Sidecars(entries)
        for entry in entries:
            name = entry.name
            if name.startswith(b"."):
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    if name not in _SYSTEM_FOLDERS:
                        # With its separator: "a-b.jpg" is before "a/c.jpg", though "a" is before "a-b.jpg".
                        found.append((entry.path + _SEPARATOR, _FOLDER, 0, 0))
                elif name.lower().endswith(_SUFFIXES) and entry.is_file(follow_symlinks=False):
                    facts = entry.stat(follow_symlinks=False)
                    beside = sidecars.changed_ns(name)
                    found.append((entry.path, facts.st_size, storable_ns(facts.st_mtime_ns), beside))
            except OSError as error:
                self._unlisted(os.fsdecode(entry.path), error)
        return found


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
