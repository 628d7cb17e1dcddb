"""Whether a run's folders are still there: a disk that goes is one thing to say, not a thousand failures."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from indexer.failure_kinds import kind_of
from indexer.plan import is_inside
from indexer.reading import Unread
from storage.records import FileState

SILENCES = 3
"""How many files of one folder may go without an answer before the folder counts as gone.

A network disk that hangs keeps a worker for its whole time limit with every file.
"""

_GONE = ("vanished", "cannot be read")
_SILENT = "no answer"


class Presence:
    """The folders of a run, each there until its files say otherwise."""

    def __init__(self, folders: Sequence[str]) -> None:
        """All of them are there."""
        self._folders = folders
        self._silences: Counter[str] = Counter()
        self.gone: set[str] = set()
        self.skipped = 0

    def files(self, files: Iterable[FileState]) -> Iterator[FileState]:
        """The files, without those of folders that are gone by the time it is their turn."""
        for file in files:
            if self.gone and is_inside(file.path, self.gone):
                self.skipped += 1
            else:
                yield file

    def explains(self, unread: Unread) -> bool:
        """Whether a file was not read because its folder is gone, so that it is no failure of its own."""
        path, kind = unread.failure.path, kind_of(unread.failure.reason)
        folder = next((folder for folder in self._folders if is_inside(path, [folder])), None)
        if folder is None or unread.lasting:
            return False
        if kind.startswith(_SILENT):
            # The folder itself is not asked: where a file gives no answer, it would not either.
            self._silences[folder] += 1
            if self._silences[folder] >= SILENCES:
                self.gone.add(folder)
        elif kind.startswith(_GONE) and _is_empty(folder):
            self.gone.add(folder)
        return folder in self.gone


def _is_empty(folder: str) -> bool:
    """Whether nothing is in the folder, or it is not there: what a disk that is unplugged leaves behind."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:
        return True
