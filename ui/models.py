"""The commands that change a library's model: `reindex` to another one, and `rollback` to the one before."""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from ui import flags, render
from ui.away_words import away
from ui.flags import examples
from ui.settings import Settings
from ui.terminal import err, load_model, out, warn

if TYPE_CHECKING:
    from indexer.reindex import Reindexed
    from storage.records import ModelRef

FAILURES_SHOWN = 5
NewModel = Annotated[
    str,
    typer.Option(
        "--model", metavar="NAME", help="The new model: mini, large, a checkpoint's folder or hub name."
    ),
]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Change over even if some photos cannot be found afterwards.")
]


def add_commands(app: typer.Typer) -> None:
    """Make both a part of the command line."""
    app.command(
        epilog=examples("bridgelens reindex --model large", "bridgelens reindex --model ~/checkpoints/mine")
    )(reindex)
    app.command(epilog=examples("bridgelens rollback"))(rollback)


def reindex(
    model: NewModel,
    yes: Yes = False,
    wait: flags.Wait = False,
    library: flags.Library = None,
    device: flags.Device = None,
    batch_size: flags.BatchSize = 32,
    progress: flags.ProgressFile = None,
    as_json: flags.Json = False,
) -> None:
    """Change the library to another model, which embeds every photo again.

    Searches go on with the old model until the new one has every photo. Ctrl-C
    loses nothing that is finished, and the same command goes on from there.
    """
    from indexer.reindex import embed_lacking
    from storage.records import ModelRef
    from ui.indexing import ProgressBar, stop_on_signal
    from ui.waiting import writable_library

    settings = Settings.load(library=library, model=model, device=device)
    with writable_library(settings, err, wait=wait) as opened:
        encoder = load_model(settings)
        with ProgressBar(err, file=progress) as bar, stop_on_signal(bar) as stop:
            done = embed_lacking(opened, encoder, batch_size=batch_size, on_progress=bar.show, stop=stop)
        ref = ModelRef(encoder.fingerprint, encoder.name, encoder.dim)
        before = opened.models.active()
        if not as_json:
            out.print(_said(done, ref, settings), soft_wrap=True)
        change = not done.interrupted and (not done.lacking or yes or (not as_json and _agreed()))
        if change:
            opened.models.activate(ref)
        active = opened.models.active()
    if as_json:
        typer.echo(render.as_json(_fields(done, active)))
    else:
        _tell_active(active, before, settings)
    if not change:
        raise typer.Exit(130 if done.interrupted else 1)


def rollback(wait: flags.Wait = False, library: flags.Library = None, as_json: flags.Json = False) -> None:
    """Go back to the model used before; its embeddings are still there."""
    from ui.waiting import writable_library

    settings = Settings.load(library=library)
    with writable_library(settings, err, wait=wait) as opened:
        left = opened.models.active()
        active = opened.models.roll_back()
        lacking = sum(opened.models.lacking(active).values())
    if as_json:
        typer.echo(render.as_json({"active_model": asdict(active), "lacking": lacking}))
        return
    _tell_active(active, None, settings)
    if left is not None:
        name = render.printable(left.name)
        again = settings.command(f"reindex --model {name}")
        out.print(Text(f"The embeddings of {name} are kept: {again} makes it active again."), soft_wrap=True)
    if lacking:
        out.print(
            Text(f"{lacking:,} photos that came since are embedded by the next {_index(settings)}"),
            soft_wrap=True,
        )


def _said(done: "Reindexed", model: "ModelRef", settings: Settings) -> Text:
    """What the run did, and which photos the model lacks, with the reason."""
    name = render.printable(model.name)
    text = Text(f"{done.embedded:,} photos embedded by {name}.")
    for failure in done.failures[:FAILURES_SHOWN]:
        path, reason = render.short_path(failure.path), failure.reason
        text.append(f"\n  {render.printable(path)}: {render.printable(reason)}", style="yellow")
    if done.failures:
        text.append(f"\n{len(done.failures):,} files could not be read: {settings.command('failures')}")
    for root in done.offline:
        text.append(f"\n{render.printable(away(root))}: is its disk plugged in?", style="yellow")
    if done.interrupted:
        left = sum(done.lacking.values())
        text.append(f"\ninterrupted, {left:,} photos left; run the same command to go on", style="bold")
    elif done.lacking:
        text.append(f"\nWhat has changed or gone is noted by an index run first: {_index(settings)}")
        text.append(f"\nNo search with {name} could find these photos:", style="bold yellow")
        for root, count in sorted(done.lacking.items()):
            text.append(f"\n{count:>9,} in {render.printable(render.short_path(root))}")
    return text


def _agreed() -> bool:
    """Whether the user wants to change over all the same; nobody is asked where nobody can answer."""
    if not sys.stdin.isatty():
        err.print(Text("The model was not changed. With --yes it is, all the same."))
        return False
    return typer.confirm("Change over all the same?", default=False, err=True)


def _tell_active(active: "ModelRef | None", before: "ModelRef | None", settings: Settings) -> None:
    """Say what searches use now, and how to go back to what they used before."""
    if active is None:
        return
    text = Text(f"The library is searched with {render.printable(active.name)}.")
    if before is not None and before.fingerprint != active.fingerprint:
        text.append(f" Back to {render.printable(before.name)}: {settings.command('rollback')}")
    out.print(text, soft_wrap=True)
    usual = Settings.load(library=settings.library)
    if usual.model_chosen and usual.model != active.name:
        warn(f"BRIDGELENS_MODEL says {usual.model}, and is what commands without --model use.")


def _index(settings: Settings) -> str:
    return settings.command("index FOLDER")


def _fields(done: "Reindexed", active: "ModelRef | None") -> dict[str, Any]:
    return {
        "embedded": done.embedded,
        "lacking": dict(done.lacking),
        "offline": done.offline,
        "failures": [asdict(failure) for failure in done.failures],
        "interrupted": done.interrupted,
        "active_model": None if active is None else asdict(active),
    }
