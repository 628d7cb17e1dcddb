"""What a run has to do: the folders set against the library, before any file is opened."""

from __future__ import annotations

import os
import threading
from collections.abc import Container, Mapping, Sequence, Set
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from indexer.compare import compare
from indexer.errors import FolderUnreadable, NoPhotos
from indexer.scan import PHOTO_SUFFIXES, scan
from storage.library import Library
from storage.listing import ListedFile
from storage.presence import is_offline
from storage.records import Failure, ModelRef, PathState
from storage.work_list import Draft, WorkList


@dataclass(slots=True)
class Plan:
    """What is to be done in the folders of a run. What may be long is on disk, in `work`.

    Attributes:
        folders: The roots that are walked, absolute.
        work: `read`: files to read, in the order of their paths: new, changed, not yet embedded by it;
            `returned`: unchanged files that were missing; `vanished`: files that were there at the last look
            and are gone.
        to_read: How many files to read.
        vanished: How many files are gone.
        unchanged: Number of known files with the size and time they had that are not read.
        unlisted: Folders (and files) that could not be looked at in this scan.
        failing: Unchanged files that could not be read before; they are not read again.
        mended: Paths of failures that are no longer: the file is gone or as it was when it could be read,
            or the folder can be listed again.
        offline: Folders in which nothing is left of what the library knew.
    """

    folders: tuple[Path, ...]
    work: WorkList
    to_read: int = 0
    vanished: int = 0
    unchanged: int = 0
    unlisted: list[Failure] = field(default_factory=list)
    failing: list[Failure] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    offline: list[str] = field(default_factory=list)


def make_plan(
    folders: Sequence[Path], library: Library, model: ModelRef, stop: threading.Event
) -> Plan | None:
    """Scan the folders, as `outermost` gives them, and compare; None when stopped before the scan had ended.

    Its work list is the caller's to close.

    Raises:
        FolderUnreadable: when one of the folders themselves can no longer be listed.
        NoPhotos: when the folders hold no photo and the library knows of none in them.
    """
    plan = Plan(tuple(folders), WorkList())
    try:
        looks = [_Look(os.fspath(folder), library, model, plan) for folder in folders]
        complete = all(look.carry_out(stop) for look in looks)
        if complete and not any(look.anything for look in looks):
            raise NoPhotos(tuple(map(os.fspath, folders)), PHOTO_SUFFIXES)
    except BaseException:
        plan.work.close()
        raise
    if not complete:  # half a scan makes half the library look as if it had gone
        plan.work.close()
        return None
    plan.to_read, plan.vanished = plan.work.count("read"), plan.work.count("vanished")
    return plan


class _Look:
    """One folder of the plan."""

    def __init__(self, folder: str, library: Library, model: ModelRef, plan: Plan) -> None:
        self._folder, self._library, self._model, self._plan = folder, library, model, plan
        self._unlisted: dict[str, Failure] = {}
        # Roots inside this one whose disk is not plugged in.
        inner = (root for root in library.roots() if root != folder and is_inside(root, [folder]))
        self._away = {root for root in inner if is_offline(root)}
        self._failures = library.known_failures(folder)  # those not yet known to be of today
        self._found = self._lost = self._known = self._excluded = False

    @property
    def anything(self) -> bool:
        """Whether there is anything in the folder, or was."""
        return bool(self._found or self._known or self._unlisted)

    @property
    def _offline(self) -> bool:
        """Whether nothing is left of what was there, though nobody asked for it to be left out."""
        return self._lost and not self._found and not self._excluded

    @property
    def _unseen(self) -> Set[str]:
        """Folders of which the walk cannot say what is in them."""
        return self._unlisted.keys() | self._away

    def carry_out(self, stop: threading.Event) -> bool:
        """Walk the folder and plan what is to be done in it; false when stopped before the end."""
        known = self._library.listed_files(self._folder, self._model)
        with self._plan.work.unless_taken_back() as draft, closing(known):
            found = scan([Path(self._folder)], self._library.folder, self._not_listed, self._exclude)
            for file, row in compare(found, known):
                self._judge(file, row, draft)
                if stop.is_set():
                    return False
            if self._folder in self._unlisted:  # it could be listed a moment ago, so a disk has just gone
                raise FolderUnreadable(self._folder, self._unlisted[self._folder].reason)
            if self._offline:
                draft.take_back()
                self._plan.offline.append(self._folder)
        self._plan.unlisted.extend(self._unlisted.values())
        if not self._offline:
            self._plan.offline.extend(self._away)
            mended = (path for path in self._failures if not is_inside(path, self._unseen))
            self._plan.mended.extend(mended)
        return not stop.is_set()

    def _judge(self, file: PathState | None, row: ListedFile | None, draft: Draft) -> None:
        if row is None:
            assert file is not None
            self._to_read(file, draft)
            return
        self._known = True
        state, photo_id, missing, embedded = row
        if file is None:
            self._not_found(state, missing, draft)
        elif file != state:
            self._to_read(file, draft)
        elif not embedded and self._failed_before(file):
            self._found = True  # and another file of the photo may be read in its place
        else:
            self._found = True
            if missing:
                draft.add("returned", file)
            # Of the files of a photo that this model has not embedded, one is read.
            if embedded or not draft.add("read", file, only_one_of=photo_id):
                self._plan.unchanged += 1
            else:
                self._failures.pop(os.fsdecode(file[0]), None)

    def _to_read(self, file: PathState, draft: Draft) -> None:
        """A new or changed file, unless it could not be read before and is as it was then."""
        self._found = True
        if not self._failed_before(file):
            draft.add("read", file)

    def _failed_before(self, file: PathState) -> bool:
        """Whether it could not be read before and is as it was then, which is noted for the report."""
        path, size, mtime_ns, _ = file
        before = self._failures.pop(os.fsdecode(path), None) if self._failures else None
        if before is None or (before.size, before.mtime_ns) != (size, mtime_ns):
            return False
        self._plan.failing.append(before)
        return True

    def _not_found(self, state: PathState, missing: bool, draft: Draft) -> None:
        if not missing:
            self._lost = True
            if not is_inside(os.fsdecode(state[0]), self._unseen):
                draft.add("vanished", state)

    def _exclude(self) -> None:
        self._excluded = True

    def _not_listed(self, path: str, error: OSError) -> None:
        reason = f"cannot be listed: {error.strerror or error}"
        self._unlisted[path] = Failure(path, reason, datetime.now(UTC), 0, 0)


def is_inside(path: str, folders: Container[str] | Mapping[str, object]) -> bool:
    """Whether the path is one of the folders or lies in one of them."""
    while path not in folders:
        above = os.path.dirname(path)
        if above == path:
            return False
        path = above
    return True
