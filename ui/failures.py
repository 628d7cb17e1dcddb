"""The command `failures`: what could not be read, why, how much of each kind, and another try."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from ui import compose, flags, render
from ui.flags import examples
from ui.settings import Settings
from ui.terminal import echo_lines, err, load_model, out

if TYPE_CHECKING:
    from indexer.retry import Retried
    from storage.library import Library
    from storage.records import Failure

InFolder = Annotated[
    Path | None, typer.Argument(metavar="FOLDER", help="Only what lies in this folder or deeper.")
]
Reason = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help="Only where the reason has this text in it.")
]
Kind = Annotated[
    str | None,
    typer.Option("--kind", metavar="KIND", help="Only this kind, such as truncated; --count lists them."),
]
Count = Annotated[bool, typer.Option("--count", help="Say how many there are of each kind.")]
Retry = Annotated[bool, typer.Option("--retry", help="Try to read and index them again, now.")]


def add_commands(app: typer.Typer) -> None:
    """Make it a part of the command line."""
    app.command(
        epilog=examples(
            "bridgelens failures --count",
            "bridgelens failures ~/Pictures/2019 --kind truncated",
            'bridgelens failures --reason "permission denied" --retry',
        )
    )(failures)


def failures(
    folder: InFolder = None,
    kind: Kind = None,
    reason: Reason = None,
    count: Count = False,
    retry: Retry = False,
    wait: flags.Wait = False,
    library: flags.Library = None,
    model: flags.Model = None,
    device: flags.Device = None,
    progress: flags.ProgressFile = None,
    as_json: flags.JsonLines = False,
) -> None:
    """List the photos that could not be read, and why; or try them again.

    A file that has changed is tried again by every index run; --retry tries
    the unchanged ones too, as after an update or a change of permissions.
    """
    settings = Settings.load(library=library, model=model, device=device)
    if retry:
        _retry(settings, (folder, kind, reason), wait, progress, as_json)
        return
    with compose.open_library(settings) as opened:
        found = chosen(opened, folder, kind, reason)
    if count:
        _print_counts(found, as_json)
    elif as_json:
        echo_lines(render.as_json(_fields(failure)) for failure in found)
    elif found:
        out.print(render.failures_table(found))
    else:
        out.print("No failures.")


def chosen(library: "Library", folder: Path | None, kind: str | None, reason: str | None) -> "list[Failure]":
    """The failures that were asked for, sorted by path: in this folder, of this kind, with this text."""
    from indexer.failure_kinds import is_of_kind

    if folder is None:
        found = library.failures()
    else:
        found = list(library.known_failures(str(folder.expanduser().resolve())).values())
    return [
        failure
        for failure in found
        if (kind is None or is_of_kind(failure, kind))
        and (reason is None or reason.lower() in failure.reason.lower())
    ]


def _print_counts(failures: "list[Failure]", as_json: bool) -> None:
    from indexer.failure_kinds import counts_by_kind

    counts = counts_by_kind(failures)
    if as_json:
        echo_lines(render.as_json({"kind": kind, "count": count}) for kind, count in counts.items())
    elif counts:
        out.print(render.facts_table((f"{count:,}", kind) for kind, count in counts.items()))
    else:
        out.print("No failures.")


def _retry(
    settings: Settings,
    chosen_by: tuple[Path | None, str | None, str | None],
    wait: bool,
    progress: Path | None,
    as_json: bool,
) -> None:
    from indexer.retry import retry
    from ui.indexing import ProgressBar, model_used, stop_on_signal
    from ui.waiting import writable_library

    with writable_library(settings, err, wait=wait) as opened:
        found = chosen(opened, *chosen_by)
        if not found:
            if not as_json:
                out.print("No failures.")
            return
        encoder = load_model(compose.with_its_model(settings, opened))
        with ProgressBar(err, file=progress) as bar, stop_on_signal(bar) as stop:
            done = retry(found, opened, encoder, on_progress=bar.show, stop=stop)
        note = model_used(opened.models, encoder, settings)
    if as_json:
        typer.echo(render.as_json(_retried_fields(done)))
    else:
        out.print(_retried(done, len(found)), soft_wrap=True)
        if done.failures:
            out.print(render.failures_table(done.failures))
    if note:
        err.print(note, soft_wrap=True)
    if done.interrupted:
        raise typer.Exit(130)


def _retried(done: "Retried", tried: int) -> Text:
    """What another try has brought."""
    from ui.indexing import kinds_text

    counts = (
        (done.indexed, "indexed now"),
        (done.gone, "no longer there, and forgotten"),
        (done.offline, "in folders that are not there now: is their disk plugged in?"),
        (len(done.failures), f"still cannot be read: {kinds_text(done.failures)}"),
    )
    lines = [f"{count:>9,} {what}" for count, what in counts if count]
    text = Text("\n".join([f"Of {tried:,} that could not be read:", *lines]))
    if done.interrupted:
        text.append("\ninterrupted; run the same command to go on", style="bold")
    return text


def _fields(failure: "Failure") -> dict[str, Any]:
    from indexer.failure_kinds import kind_of

    return {**asdict(failure), "kind": kind_of(failure.reason)}


def _retried_fields(done: "Retried") -> dict[str, Any]:
    return {
        "indexed": done.indexed,
        "gone": done.gone,
        "offline": done.offline,
        "failed": len(done.failures),
        "failures": [_fields(failure) for failure in done.failures],
        "interrupted": done.interrupted,
    }
