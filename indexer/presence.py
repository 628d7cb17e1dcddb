"""Whether a run's folders are still there: a disk that goes is one thing to say, not a thousand failures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from indexer.failure_kinds import kind_of
from indexer.plan import is_inside
from indexer.reading import Unread
from storage.presence import is_offline
from storage.records import FileState

SILENCES = 3
"""How many files in a row may go without an answer before their folder counts as gone.

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

    def answered(self, path: str) -> None:
        """A file was read."""
        if self._silences:
            self._silences.pop(self._folder_of(path), None)

    def explains(self, unread: Unread) -> bool:
        """Whether a file was not read because its folder is gone, so that it is no failure of its own.

        Files that gave no answer are failures all the same: perhaps it is they that hang.
        """
        path, kind = unread.failure.path, kind_of(unread.failure.reason)
        folder = self._folder_of(path)
        if unread.lasting:
            return False
        if kind.startswith(_SILENT):
            # The folder itself is not asked: where a file gives no answer, it would not either.
            self._silences[folder] += 1
            if self._silences[folder] >= SILENCES:
                self.gone.add(folder)
            return False
        if kind.startswith(_GONE) and is_offline(folder):
            self.gone.add(folder)
        return folder in self.gone

    def _folder_of(self, path: str) -> str:
        return next(folder for folder in self._folders if is_inside(path, [folder]))
