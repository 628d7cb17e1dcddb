"""XMP files beside photos: `a.jpg.xmp` or `a.xmp` for `a.jpg`, as photo programs write them.

A sidecar speaks of the file it lies beside, so what it says is kept with the file and not with the content.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable

from indexer.xmp import read_xmp
from storage.records import Description, FileState, storable_ns

LARGEST = 8_000_000
"""Bytes of a sidecar that is read; a long history of edits is about a hundred kilobytes."""

_SUFFIXES = (".xmp", ".XMP")
_ENDS = tuple(map(os.fsencode, _SUFFIXES))


class Sidecars:
    """The sidecars in one folder's listing."""

    def __init__(self, entries: Iterable[os.DirEntry[bytes]]) -> None:
        """Pick them out; one whose facts cannot be asked is left out."""
        self._changed_ns: dict[bytes, int] = {}
        for entry in entries:
            if entry.name.endswith(_ENDS):
                try:
                    if entry.is_file(follow_symlinks=False):
                        changed = entry.stat(follow_symlinks=False).st_mtime_ns
                        beside = entry.name[:-4]
                        self._changed_ns[beside] = self._changed_ns.get(beside, 0) + changed
                except OSError:
                    continue

    def changed_ns(self, name: bytes) -> int:
        """The sum of the times of last change of a photo's sidecars, 0 when it has none.

        A sum, and not the newest, as that would miss one that was taken away or put back as an older one.
        """
        if not self._changed_ns:  # as in most folders
            return 0
        stem = os.path.splitext(name)[0]
        return storable_ns(self._changed_ns.get(name, 0) + self._changed_ns.get(stem, 0))


def changed_ns_beside(path: str) -> int:
    """As `Sidecars.changed_ns`, of one photo whose folder is not listed."""
    sidecars: dict[tuple[int, int], int] = {}  # where case is ignored, .xmp and .XMP are one file
    for beside in _names_beside(path):
        try:
            found = os.lstat(beside)
        except OSError:
            continue
        if stat.S_ISREG(found.st_mode):
            sidecars[found.st_dev, found.st_ino] = found.st_mtime_ns
    return storable_ns(sum(sidecars.values()))


def sidecars_of(file: FileState) -> Description:
    """What the sidecars of a file say that was found with or without any."""
    return read_sidecars(file.path) if file.sidecar_ns else Description()


def read_sidecars(path: str) -> Description:
    """What a photo's sidecars say, `a.jpg.xmp` before `a.xmp`; one that cannot be read says nothing."""
    said = Description()
    for beside in _names_beside(path):
        said = said.over(read_xmp(_bytes(beside)))
    return said


def _names_beside(path: str) -> list[str]:
    return [name + suffix for name in (path, os.path.splitext(path)[0]) for suffix in _SUFFIXES]


def _bytes(path: str) -> bytes:
    # Neither a link out of the folder nor a pipe that never ends.
    flags = (
        os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    try:
        with open(os.open(path, flags), "rb") as stream:
            packet = stream.read(LARGEST + 1)
    except OSError:
        return b""
    return packet if len(packet) <= LARGEST else b""
