"""The commands about words for photos: `tag` proposes, gives and takes them, `tags` counts them."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from ui import compose, flags, render
from ui.errors import UiError
from ui.flags import examples
from ui.settings import Settings
from ui.terminal import echo_lines, err, load_model, out

if TYPE_CHECKING:
    from search.tag_run import TagRun
    from storage.library import Library
    from storage.records import FileState

FAILURES_SHOWN = 5
TaggedPhotos = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PHOTO", help="Photos in the library; none: all that were not tagged yet."),
]
Add = Annotated[
    list[str] | None, typer.Option("--add", metavar="WORD", help="Give the photos this word. Repeatable.")
]
Remove = Annotated[
    list[str] | None,
    typer.Option("--remove", metavar="WORD", help="Take this word from them for good. Repeatable."),
]


def add_commands(app: typer.Typer) -> None:
    """Make both a part of the command line."""
    app.command(
        epilog=examples(
            "bridgelens tag",
            "bridgelens tag --add Rex --remove cat ~/Pictures/dog1.jpg ~/Pictures/dog2.jpg",
        )
    )(tag)
    app.command(epilog=examples("bridgelens tags", "bridgelens tags --json | jq -r .word"))(tags)


def tag(
    photos: TaggedPhotos = None,
    add: Add = None,
    remove: Remove = None,
    wait: flags.Wait = False,
    library: flags.Library = None,
    model: flags.Model = None,
    device: flags.Device = None,
    as_json: flags.Json = False,
) -> None:
    """Let the model tag photos with words for what they show, or tag them yourself.

    Words that you --add or --remove stay so, whatever a model says. Ctrl-C
    stops after the batch in hand, and the same command goes on from there.
    """
    from ui.waiting import writable_library

    settings = Settings.load(library=library, model=model, device=device)
    if (add or remove) and not photos:
        raise UiError("--add and --remove need the photos they are about: bridgelens tag --add WORD PHOTO")
    with writable_library(settings, err, wait=wait) as opened:
        ids = _photo_ids(opened, photos or [], settings)
        if add or remove:
            changed, run = _say(opened, ids, add or [], remove or []), None
        else:
            changed, run = 0, _run(opened, ids, compose.with_its_model(settings, opened))
    if run is None:
        if as_json:
            typer.echo(render.as_json({"photos": changed, "added": add or [], "removed": remove or []}))
        else:
            out.print(f"{changed:,} {'photo' if changed == 1 else 'photos'} changed.")
        return
    if as_json:
        typer.echo(render.as_json(asdict(run)))
    else:
        out.print(_summary(run), soft_wrap=True)
    if run.interrupted:
        raise typer.Exit(130)


def tags(library: flags.Library = None, as_json: flags.JsonLines = False) -> None:
    """List the tags that photos have, the most frequent first."""
    with compose.open_library(Settings.load(library=library)) as opened:
        counts = opened.tags.counts()
    if as_json:
        echo_lines(render.as_json(asdict(count)) for count in counts)
    elif counts:
        out.print(
            render.facts_table(
                (f"{each.photos:,}", each.word + (f" ({each.by_user:,} by you)" if each.by_user else ""))
                for each in counts
            )
        )
    else:
        out.print("No tags. To make some: bridgelens tag")


def _photo_ids(library: "Library", photos: Sequence[Path], settings: Settings) -> list[int]:
    """The photos that files hold, each once.

    Raises:
        UiError: the library does not know one of them.
    """
    paths = [os.path.realpath(photo) for photo in photos]
    found = library.photo_ids_at(paths)
    for path in paths:
        if path not in found:
            raise UiError(
                f"{path} is not in the library {settings.library}, and nothing was tagged; "
                f"{settings.command('index ' + os.path.dirname(path))} adds it with its folder."
            )
    return sorted(set(found.values()))


def _say(library: "Library", photo_ids: Sequence[int], add: Sequence[str], remove: Sequence[str]) -> int:
    """Give and take words; the number of photos that were still there to get them."""
    from storage.tags import normalised

    both = set(map(normalised, add)) & set(map(normalised, remove))
    if both:
        raise UiError(f"{min(both)} is to be added and removed; give it one of them")
    given = [library.tags.give(photo_ids, word) for word in add]
    taken = [library.tags.take(photo_ids, word) for word in remove]
    return max(given + taken)


def _run(library: "Library", photo_ids: Sequence[int], settings: Settings) -> "TagRun":
    """Tag these photos, or if there are none, all that this model was not the last to tag."""
    from indexer.crops import read_crops
    from indexer.report import Tally
    from indexer.workers import ChildProcesses
    from search.tag_run import BATCH, tag_photos
    from search.tagging import Tagger
    from ui.indexing import ProgressBar, stop_on_signal

    model = load_model(settings)
    tagger, tally = Tagger(model), Tally()
    chosen = library.tags.files(photo_ids) if photo_ids else library.tags.untagged(tagger.model)
    tally.begin_reading(len(photo_ids) or library.tags.count_untagged(tagger.model))

    with ProgressBar(err, "Tagging") as bar, stop_on_signal(bar) as stop, ChildProcesses() as workers:

        def show(done: int, failed: int) -> None:
            tally.done = done
            bar.show(tally.progress())

        crops = read_crops(_there(library, chosen), model.preprocessor, workers, ahead=BATCH + workers.count)
        return tag_photos(library, tagger, crops, on_progress=show, stop=stop)


def _there(
    library: "Library", photos: "Iterator[tuple[int, list[FileState]]] | list[tuple[int, list[FileState]]]"
) -> "Iterator[tuple[int, list[FileState]]]":
    """Those photos that are not all on disks which are not plugged in; what is offline is said once."""
    from indexer.plan import is_inside
    from storage.presence import is_offline
    from ui.away_words import away
    from ui.terminal import warn

    offline = [root for root in library.roots() if is_offline(root)]
    for root in offline:
        warn(f"{away(root)}; if it is on a disk, plug it in. Its photos are left out.")
    for photo_id, files in photos:
        here = [file for file in files if not is_inside(file.path, offline)]
        if here:
            yield photo_id, here


def _summary(run: "TagRun") -> Text:
    """What a run did, and what it could not read."""
    text = Text(f"{run.photos:,} photos tagged with {run.tags:,} words. To see them: bridgelens tags")
    for failure in run.failures[:FAILURES_SHOWN]:
        path = render.printable(render.short_path(failure.path))
        text.append(f"\n  {path}: {render.printable(failure.reason)}", style="yellow")
    if len(run.failures) > FAILURES_SHOWN:
        text.append(f"\n  and {len(run.failures) - FAILURES_SHOWN:,} more that could not be read")
    if run.interrupted:
        text.append("\ninterrupted; run the same command to go on", style="bold")
    return text
