"""The command that lists photos by what is known of them, without a model: `list`."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from storage.filters import Filter
from ui import compose, flags, render
from ui.errors import UiError
from ui.filtering import chosen_first, refuse_unknown_folders, with_filter
from ui.flags import examples
from ui.photo_facts import photo_fields
from ui.settings import Settings
from ui.terminal import err, out

if TYPE_CHECKING:
    from storage.library import Library
    from storage.records import PhotoRecord

IN_A_TABLE = 100
_AT_ONCE = 1000

Most = Annotated[
    int | None,
    typer.Option(
        "-k", "--top", min=1, metavar="N", help=f"At most N; by default all, {IN_A_TABLE} in a table."
    ),
]


def add_commands(app: typer.Typer) -> None:
    """Make it a part of the command line."""
    app.command(
        "list",
        epilog=examples(
            "bridgelens list --after 2023-05 --before 2023-08 --place italy",
            "bridgelens list --in ~/Pictures/2024 --rating 4 --kind raw",
            "bridgelens list --near 48.2,16.4,10km --paths -0 | xargs -0 ls -l",
        ),
    )(with_filter(list_photos))


def list_photos(
    wanted: Filter | None = None,
    top: Most = None,
    library: flags.Library = None,
    as_json: flags.JsonLines = False,
    paths: flags.Paths = False,
    null: flags.Null = False,
) -> None:
    """List photos by date, place, camera and the like, the newest first.

    A photo has to fit all flags that are given; of a flag that is repeated,
    one is enough, but for --tag. A photo that does not say when or where it
    was taken fits no flag that asks for it.
    """
    if as_json and (paths or null):
        raise UiError("--json and --paths exclude each other; give one of them.")
    settings = Settings.load(library=library)
    with compose.open_library(settings) as opened:
        refuse_unknown_folders(wanted, opened.roots(), settings.command("index FOLDER"))
        if as_json or paths or null:
            records = newest(opened, wanted, top)
            if as_json:
                lines = (render.as_json(listed_fields(record)).encode() + b"\n" for record in records)
            else:
                end = b"\0" if null else b"\n"
                lines = (os.fsencode(record.paths[0]) + end for record in records)
            for line in lines:
                typer.echo(line, nl=False)
            return
        out.print(photos_table(newest(opened, wanted, top or IN_A_TABLE)))
        found = len(opened.photo_ids_where(wanted or Filter()))
    err.print(Text(shown_of(min(found, top or IN_A_TABLE), found), style="dim"))


def newest(library: "Library", wanted: Filter | None, limit: int | None) -> "Iterator[PhotoRecord]":
    """The photos that a filter leaves, the newest first, read some at a time."""
    ids: Sequence[int] = library.newest(wanted or Filter(), limit)
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        records = library.photos(part)
        # Between the two reads, another program may have marked files missing.
        for photo_id in part:
            if photo_id in records and records[photo_id].paths:
                yield replace(records[photo_id], paths=chosen_first(records[photo_id].paths, wanted))


def photos_table(photos: "Iterable[PhotoRecord]") -> Table:
    """Photos with what tells them apart."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("taken", "stars", "camera", "place", "photo"):
        table.add_column(heading, overflow="fold")
    for photo in photos:
        path = render.path_text(photo.paths[0])
        if more := len(photo.paths) - 1:
            path.append(f"  +{more} {'copy' if more == 1 else 'copies'}", style="dim")
        taken = "–" if photo.taken_at is None else photo.taken_at.strftime("%Y-%m-%d %H:%M")
        stars = "" if photo.rating is None else str(photo.rating)
        words = (taken, stars, photo.camera or "", photo.place.name if photo.place else "")
        table.add_row(*(Text(render.printable(word)) for word in words), path)
    return table


def listed_fields(photo: "PhotoRecord") -> dict[str, Any]:
    """The JSON fields of one photo, named as a search result's."""
    return {
        "id": photo.photo_id,
        "path": photo.paths[0],
        "copies": list(photo.paths[1:]),
        "width": photo.width,
        "height": photo.height,
        "taken_at": photo.taken_at,
        **photo_fields(photo),
    }


def shown_of(shown: int, found: int) -> str:
    """How many photos there are, and how to see the others."""
    if shown == found:
        return f"{found:,} {'photo' if found == 1 else 'photos'}."
    return f"The newest {shown:,} of {found:,} photos; -k {found} shows all."
