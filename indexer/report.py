"""What an indexing run has done: while it goes on, and when it has ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from storage.records import Failure


@dataclass(frozen=True, slots=True)
class Progress:
    """A run under way.

    Attributes:
        total: Files to read in this run; None while the folders are being scanned.
        done: Files read so far, the unreadable ones included.
        failed: Files and folders that could not be read, those known from earlier runs included.
        photos_per_second: Files read per second, since the scan ended.
        seconds_left: Estimate at that speed; None before there is one.
    """

    total: int | None
    done: int
    failed: int
    photos_per_second: float
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """A run that has ended. All counts are of files, but `embedded` counts photos and `failed` folders too.

    Attributes:
        added: New files whose content is new.
        changed: Known files whose content is another one now.
        unchanged: Known files with the content they had, those that returned after an absence included.
        moved: New files whose content was known from a place where it is no longer.
        copies: New files whose content is also elsewhere.
        failed: Length of `failures`.
        missing: Files that were there at the last look and are gone, the moved ones not counted.
        embedded: Photos that went through the model.
        seconds: Wall-clock time.
        interrupted: Whether the run was stopped before its end; the next run goes on from there.
        failures: What could not be read, sorted by path, those known from earlier runs included.
        offline: Known folders that are not there, or in which no photo is left of those the library knew;
            perhaps a disk that is not plugged in, so nothing was marked as missing.
        unkept: Which files of thumbnails or pixels could not be written, and why; they are made when needed.
    """

    added: int
    changed: int
    unchanged: int
    moved: int
    copies: int
    failed: int
    missing: int
    embedded: int
    seconds: float
    interrupted: bool
    failures: tuple[Failure, ...]
    offline: tuple[str, ...]
    unkept: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """The counts of a run while it goes on."""

    total: int | None = None
    done: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    moved: int = 0
    copies: int = 0
    missing: int = 0
    embedded: int = 0
    failures: list[Failure] = field(default_factory=list)
    offline: tuple[str, ...] = ()
    unkept: tuple[str, ...] = ()
    clock: Callable[[], float] = time.monotonic
    started: float = field(init=False)
    reading_since: float = field(init=False)

    def __post_init__(self) -> None:
        """The run starts now."""
        self.started = self.reading_since = self.clock()

    def begin_reading(self, total: int) -> None:
        """The scan has ended and so many files are to be read."""
        self.total, self.reading_since = total, self.clock()

    def progress(self) -> Progress:
        """The run as it stands."""
        elapsed = self.clock() - self.reading_since
        speed = self.done / elapsed if self.done and elapsed > 0 else 0.0
        left = (self.total - self.done) / speed if self.total is not None and speed else None
        return Progress(self.total, self.done, len(self.failures), speed, left)

    def counts(self) -> dict[str, int]:
        """The numbers that the library keeps of a run."""
        names = ("added", "changed", "unchanged", "moved", "copies", "missing", "embedded")
        return {**{name: getattr(self, name) for name in names}, "failed": len(self.failures)}

    def report(self, *, interrupted: bool) -> Report:
        """The run as it ended."""
        return Report(
            **self.counts(),
            seconds=self.clock() - self.started,
            interrupted=interrupted,
            failures=tuple(sorted(self.failures, key=lambda failure: failure.path)),
            offline=self.offline,
            unkept=self.unkept,
        )
