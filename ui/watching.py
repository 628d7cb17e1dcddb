"""The command that keeps a library current while photos come and go: `watch`."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

import typer
from rich.text import Text

from ui import compose, flags, render
from ui.flags import examples
from ui.settings import Settings
from ui.terminal import err, load_model, out, warn

if TYPE_CHECKING:
    from indexer.report import Progress, Report
    from storage.errors import LibraryLocked
    from ui.indexing import ProgressBar


def add_commands(app: typer.Typer) -> None:
    """Make it a part of the command line."""
    app.command(epilog=examples("bridgelens watch ~/Pictures", "bridgelens watch"))(watch)


def watch(
    folders: flags.Folders = None,
    library: flags.Library = None,
    model: flags.Model = None,
    device: flags.Device = None,
    batch_size: flags.BatchSize = 32,
    no_thumbnails: flags.NoThumbnails = False,
    pixel_cache: flags.PixelCache = None,
    wait: flags.Wait = False,
    as_json: flags.JsonLines = False,
) -> None:
    """Index folders, then keep the library current until Ctrl-C.

    A photo is indexed a moment after it has been written completely. Other
    commands can use the library meanwhile. A disk that is plugged in later
    is not watched; start the command again.
    """
    from indexer.watch import watch as run
    from storage.errors import LibraryLocked
    from ui.indexing import ProgressBar, model_used, open_to_index, stop_on_signal

    settings = Settings.load(library=library, model=model, device=device, pixel_cache=pixel_cache)
    with open_to_index(settings, folders or [], wait=wait) as (opened, places):
        settings = compose.with_its_model(settings, opened)  # refused, if so, before the model is loaded
    bridgetower = load_model(settings)

    def settle_model() -> None:
        with suppress(LibraryLocked), compose.open_library(settings, write=True) as opened:
            if note := model_used(opened.models, bridgetower, settings):
                err.print(note, soft_wrap=True)

    with ProgressBar(err) as bar, stop_on_signal(bar) as stop:
        shown = Shown(bar, settle_model, as_json=as_json)
        run(
            places,
            lambda: compose.open_library(settings, write=True),
            bridgetower,
            shown,
            stop,
            batch_size=batch_size,
            thumbnails=not no_thumbnails,
        )


class Shown:
    """Shows what a watch does: a line for each run that found something."""

    def __init__(self, bar: "ProgressBar", after_first_run: Callable[[], None], *, as_json: bool) -> None:
        """The bar is on stderr, the lines on stdout."""
        self._bar, self._after_first_run, self._as_json = bar, after_first_run, as_json
        self._runs = 0
        self._waits = False

    def progress(self, progress: "Progress") -> None:
        """Move the bar."""
        self._bar.show(progress)

    def report(self, report: "Report") -> None:
        """Print what the run did; of the first one always, for it says what there is."""
        from ui.indexing import report_fields

        self._waits = False
        counts = changes(report)
        if self._as_json:
            if counts or not self._runs:
                typer.echo(render.as_json(report_fields(report)))
        elif counts or not self._runs:
            time = datetime.now().strftime("%H:%M:%S")
            out.print(Text(f"{time}  {counts or 'nothing has changed'}"), soft_wrap=True)
        if not self._runs:
            self._after_first_run()
            err.print(Text("Watching; Ctrl-C ends it.", style="dim"))
        self._runs += 1

    def waiting(self, error: "LibraryLocked") -> None:
        """Say once that another program has the library."""
        if not self._waits:
            warn(f"{error}; what has changed is indexed then")
        self._waits = True


def changes(report: "Report") -> str:
    """What a run found: `2 added, 1 missing`; empty when it found nothing."""
    names = ("added", "changed", "moved", "copies", "missing", "failed")
    return ", ".join(f"{count:,} {name}" for name in names if (count := getattr(report, name)))
