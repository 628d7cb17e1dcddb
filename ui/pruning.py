"""The command that forgets photos which are gone: `prune`. Nothing else ever does."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui import compose, flags, render
from ui.away_words import away
from ui.errors import UiError
from ui.flags import examples
from ui.settings import Settings
from ui.terminal import out, warn

if TYPE_CHECKING:
    from storage.pruning import Pruned

_DAYS = {"d": 1, "w": 7, "y": 365}

Folder = Annotated[
    Path | None, typer.Argument(metavar="FOLDER", help="Only files that were in this folder or deeper.")
]
OlderThan = Annotated[
    str | None,
    typer.Option("--older-than", metavar="AGE", help="Only files gone for longer, such as 30d, 6w or 1y."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be forgotten; forget nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def add_commands(app: typer.Typer) -> None:
    """Make it a part of the command line."""
    app.command(
        epilog=examples(
            "bridgelens prune --dry-run",
            "bridgelens prune --older-than 30d",
            "bridgelens prune ~/Pictures/holiday --yes",
        )
    )(prune)


def prune(
    folder: Folder = None,
    older_than: OlderThan = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    library: flags.Library = None,
    as_json: flags.Json = False,
) -> None:
    """Forget files that are gone, and photos of which no file is left.

    Only files that a run has marked missing; no photo is deleted from any
    disk. What is forgotten has to be embedded again should it come back. A
    folder that is not there, as on an unplugged disk, is left alone.
    """
    from storage.presence import is_offline
    from storage.pruning import Selection

    before = None if older_than is None else datetime.now(UTC) - age(older_than)
    settings = Settings.load(library=library)
    with compose.open_library(settings) as opened:
        offline = tuple(root for root in opened.roots() if is_offline(root))
        inside = None if folder is None else str(folder.expanduser().resolve())
        selection = Selection(inside, before, offline)
        found = opened.prunable(selection)
    for root in offline:
        warn(f"{away(root)}; if it is on a disk, plug it in. Nothing of it is forgotten.")
    forget = bool(found.files or found.photos) and not dry_run
    if forget and not yes:
        typer.confirm(f"{words(found)} to be forgotten for good. Go on?", abort=True, err=True)
    if forget:
        with compose.open_library(settings, write=True) as opened:
            found = opened.prune(selection)
    if as_json:
        typer.echo(render.as_json({"files": found.files, "photos": found.photos, "dry_run": dry_run}))
    elif not found.files and not found.photos:
        out.print("Nothing to forget: no file is missing.")
    else:
        out.print(f"{words(found)} {'to be forgotten' if dry_run else 'forgotten'}.")


def words(pruned: "Pruned") -> str:
    """What is forgotten, for a person."""
    files = f"{pruned.files:,} missing {'file' if pruned.files == 1 else 'files'}"
    return (
        f"{files} and {pruned.photos:,} {'photo' if pruned.photos == 1 else 'photos'} without any other file"
    )


def age(text: str) -> timedelta:
    """A length of time such as `30d`, `6w` or `1y`.

    Raises:
        UiError: it is not one.
    """
    found = re.fullmatch(r"(\d{1,5})([dwy])", text.strip().lower())
    if found is None:
        raise UiError(f"--older-than {text}: expected a number and d, w or y, such as 30d")
    days = int(found[1]) * _DAYS[found[2]]
    if days > 100 * 365:
        raise UiError(f"--older-than {text}: expected at most 100 years")
    return timedelta(days=days)
