"""What a person sees of an index run: progress while it goes on, a way to stop it, a summary at the end."""

import os
import re
import shlex
import signal
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bar
from rich.text import Text

from storage.records import Failure, ModelRef
from ui import compose
from ui.errors import UiError
from ui.render import printable, short_path
from ui.settings import Settings
from ui.terminal import err
from ui.waiting import when_free

if TYPE_CHECKING:
    from indexer.pipeline import Encoder
    from indexer.report import Progress, Report
    from storage.library import Library
    from storage.models import Models
    from storage.records import Failure

FAILURES_SHOWN = 5
# How `indexer.kinds` names an extra that is not installed.
NEEDS_EXTRA = re.compile(r"needs the \w+ extra")


class ProgressBar:
    """A progress bar on `console`, fed by a run over photos; a context manager."""

    def __init__(self, console: Console, label: str = "Indexing") -> None:
        """Prepare the bar; entering the context shows it."""
        self._bar = Bar(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[pace]}", style="dim"),
            console=console,
            transient=True,
            disable=not console.is_terminal,  # a log file needs no bar
        )
        self._task = self._bar.add_task(label, total=None, pace="")

    def __enter__(self) -> "ProgressBar":
        """Show the bar."""
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bar away; the summary says what remains to be said."""
        self._bar.stop()

    def show(self, progress: "Progress") -> None:
        """Move the bar to where the run is now."""
        pace = pace_text(progress.photos_per_second, progress.seconds_left, progress.failed)
        self._bar.update(self._task, total=progress.total, completed=progress.done, pace=pace)

    def say_stopping(self) -> None:
        """Say that the request to stop was heard; only the label changes, as a signal handler calls this."""
        self._bar.update(self._task, description="Finishing the batch in hand (Ctrl-C again to drop it)")


@contextmanager
def open_to_index(
    settings: Settings, folders: Sequence[Path], *, wait: bool
) -> Iterator[tuple["Library", list[Path]]]:
    """The library, open for writing, and the folders to index: those given, or all that it knows.

    A mistyped folder is refused before a library is made or a model loaded.

    Raises:
        IndexerError: a folder is not there and unknown, or cannot be listed.
        StorageError: as `compose.open_library`.
        UiError: no folder is given, and the library knows none.
    """
    from indexer.scan import locate, outermost
    from storage.errors import LibraryNotFound

    try:
        library = when_free(lambda: compose.open_library(settings, write=True), err, wait)
    except LibraryNotFound:
        if not folders:
            raise
        outermost(folders)
        library = when_free(lambda: compose.open_library(settings, create=True, write=True), err, wait)
    with library:
        places = list(folders) or [Path(root) for root in library.roots()]
        if not places:
            raise UiError(
                f"the library {settings.library} has no folders yet; name one: bridgelens index FOLDER"
            )
        locate(places, library.roots())
        yield library, places


@contextmanager
def stop_on_signal(bar: ProgressBar) -> Iterator[threading.Event]:
    """An event that the first Ctrl-C (or SIGTERM) sets; a second one raises KeyboardInterrupt at once."""
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        bar.say_stopping()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def pace_text(photos_per_second: float, seconds_left: float | None, failed: int) -> str:
    """The words beside the bar: `12.3 photos/s, 4 min left, 2 failed`."""
    parts = [f"{photos_per_second:.1f} photos/s"] if photos_per_second else []
    if seconds_left is not None:
        parts.append(f"{duration(seconds_left)} left")
    if failed:
        parts.append(f"{failed:,} failed")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """A length of time in the two units a person would say."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def summary(report: "Report", failures_command: str = "bridgelens failures") -> Text:
    """What an index run did, and what to do about what it could not."""
    counts = (
        ("added", report.added, "new photos"),
        ("changed", report.changed, "files with new content"),
        ("moved", report.moved, "photos found in a new place"),
        ("copies", report.copies, "further files of the same photo"),
        ("unchanged", report.unchanged, "files as they were"),
        ("missing", report.missing, "files no longer there: kept, and left out of searches"),
        ("failed", report.failed, f"could not be read: {kinds_text(report.failures)}"),
    )
    always = ("added", "unchanged")
    lines = [f"Indexed in {duration(report.seconds)}"]
    lines += [f"{count:>9,} {name:<10} {what}" for name, count, what in counts if count or name in always]
    text = Text("\n".join(lines))
    lacking = [failure for failure in report.failures if NEEDS_EXTRA.search(failure.reason)]
    for line in extra_lines(lacking):
        text.append(f"\n          {line}", style="yellow")
    others = [failure for failure in report.failures if not NEEDS_EXTRA.search(failure.reason)]
    for failure in others[:FAILURES_SHOWN]:
        text.append(
            f"\n          {printable(short_path(failure.path))}: {printable(failure.reason)}", style="yellow"
        )
    if report.failed:
        text.append(f"\nAll that could not be read, and why: {failures_command}")
    for folder in report.offline:
        text.append(
            f"\n{printable(folder)}: none of its photos can be reached; is its disk plugged in? ",
            style="yellow",
        )
        text.append("Nothing there was marked missing.", style="yellow")
    if report.interrupted:
        text.append("\ninterrupted; run the same command to go on", style="bold")
    return text


def kinds_text(failures: Iterable[Failure]) -> str:
    """Failures grouped for a person: `12 truncated, 3 permission denied`."""
    from indexer.failure_kinds import counts_by_kind

    return ", ".join(f"{count:,} {printable(kind)}" for kind, count in counts_by_kind(failures).items())


def model_used(models: "Models", model: "Encoder", settings: Settings) -> Text | None:
    """What is to be said when a run's model is not the one the library is searched with.

    A model that the user did not choose has the active one's name and other weights, as after an update of
    bridgelens: the old one cannot be loaded any more, so the new one takes its place.
    """
    active = models.active()
    if active is None:
        return None
    ref, name = ModelRef(model.fingerprint, model.name, model.dim), printable(model.name)
    if active.fingerprint == model.fingerprint:
        if active.name != model.name:  # its folder has moved: the new name is what finds it again
            models.activate(ref)
        return None
    if settings.model_chosen:
        change = settings.command(f"reindex --model {shlex.quote(name)}")
        return Text(f"The library is still searched with {printable(active.name)}. To change over: {change}")
    models.activate(ref)
    return Text(f"{name} is another version than the library's; the library is searched with this one now.")


def extra_lines(failures: "Sequence[Failure]") -> list[str]:
    """Files whose reader is not installed, a line for each reader: how many of each suffix, what to type."""
    suffixes: dict[str, Counter[str]] = {}
    for failure in failures:
        suffix = os.path.splitext(failure.path)[1].lower()
        suffixes.setdefault(failure.reason, Counter())[suffix] += 1
    return [
        f"{', '.join(f'{count:,} {suffix}' for suffix, count in counts.most_common())}: {reason}"
        for reason, counts in sorted(suffixes.items())
    ]


def report_fields(report: "Report") -> dict[str, Any]:
    """What an index run did, as JSON fields."""
    from indexer.failure_kinds import counts_by_kind

    return {**asdict(report), "failure_kinds": counts_by_kind(report.failures)}
