"""The commands about photos themselves: `info` and `duplicates`."""

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from ui import compose, flags, render
from ui.errors import UiError
from ui.flags import examples
from ui.how_taken import how_taken
from ui.photo_facts import exposure_fields, photo_fields, said
from ui.settings import Settings
from ui.terminal import echo_lines, err, out

if TYPE_CHECKING:
    from indexer.exposure import Exposure
    from search.duplicates import Group
    from storage.records import Failure, PhotoRecord
    from storage.tags import PhotoTag

IndexedPhoto = Annotated[Path, typer.Argument(metavar="PHOTO", help="A photo in the library.")]

KINDS = {
    "copies": "the same file more than once",
    "near-duplicates": "one photo in several versions",
    "burst": "shots of one burst",
}


def add_commands(app: typer.Typer) -> None:
    """Make both a part of the command line."""
    app.command(epilog=examples("bridgelens info ~/Pictures/2024/IMG_1234.jpg"))(info)
    app.command(
        epilog=examples(
            "bridgelens duplicates",
            "bridgelens duplicates --json | jq 'select(.kind == \"copies\")'",
        )
    )(duplicates)


def info(photo: IndexedPhoto, library: flags.Library = None, as_json: flags.Json = False) -> None:
    """Show what the library knows of one photo: copies, date, place, caption, tags."""
    settings = Settings.load(library=library)
    path = os.path.realpath(photo)
    with compose.open_library(settings) as opened:
        record = opened.photo_at(path)
        failure = opened.known_failures(os.path.dirname(path)).get(path)
        tags = () if record is None else opened.tags.of([record.photo_id]).get(record.photo_id, ())
        exposure = None if record is None else how_taken(record, opened)
    if record is None and failure is None:
        raise UiError(
            f"{path} is not in the library {settings.library}; "
            f"{settings.command('index ' + os.path.dirname(path))} adds it with its folder."
        )
    if as_json:
        typer.echo(render.as_json(info_fields(path, record, failure, tags, exposure)))
    else:
        out.print(render.facts_table(info_facts(path, record, failure, tags, exposure)))


def info_fields(
    path: str,
    photo: "PhotoRecord | None",
    failure: "Failure | None",
    tags: "Sequence[PhotoTag]" = (),
    exposure: "Exposure | None" = None,
) -> dict[str, Any]:
    """The JSON fields of one photo; a file that was never read has its failure only."""
    fields: dict[str, Any] = {"path": path, "failure": failure.reason if failure else None}
    if photo is None:
        return fields
    return {
        **fields,
        "paths": list(photo.paths),
        "content_hash": photo.content_hash,
        "size": photo.size,
        "width": photo.width,
        "height": photo.height,
        "taken_at": photo.taken_at,
        **photo_fields(photo),
        **({} if exposure is None else exposure_fields(exposure)),
        "tags": [{**asdict(tag), "source": "user" if tag.model is None else "model"} for tag in tags],
    }


def info_facts(
    path: str,
    photo: "PhotoRecord | None",
    failure: "Failure | None",
    tags: "Sequence[PhotoTag]" = (),
    exposure: "Exposure | None" = None,
) -> list[tuple[str, str | Text]]:
    """Names and values for `render.facts_table`."""
    facts: list[tuple[str, str | Text]] = [("photo", render.path_text(path))]
    if failure is not None:
        facts.append(("failure", Text(render.printable(failure.reason), style="yellow")))
    if photo is None:
        return facts
    if path not in photo.paths:
        facts.append(("missing", "the file was gone at the last look, or holds something else now"))
    facts += [("copy", render.path_text(each)) for each in photo.paths if each != path]
    size = f", {render.human_size(photo.size)}" if photo.size else ""
    facts.append(("size", f"{photo.width:,} × {photo.height:,} pixels{size}, {photo.format}"))
    facts += [(name, _lines(value)) for name, value in said(photo, exposure)]
    for name, by_user in (("your tags", True), ("tags", False)):
        if words := [tag.word for tag in tags if (tag.model is None) == by_user]:
            facts.append((name, ", ".join(words)))
    return facts


def duplicates(library: flags.Library = None, as_json: flags.JsonLines = False) -> None:
    """List photos that are there more than once, and the shots of a burst.

    Copies have the same bytes; near-duplicates were resized, recompressed or
    slightly cropped. The first of each group is the largest. Nothing is
    deleted.
    """
    from search.duplicates import find_duplicates

    settings = Settings.load(library=library)
    with compose.open_library(settings) as opened:
        model = opened.models.active()
        if model is None:
            raise UiError(f"the library {settings.library} is empty; fill it: bridgelens index FOLDER")
        with err.status("Comparing photos"):
            groups = find_duplicates(opened, model, compose.fingerprint)
    if as_json:
        echo_lines(render.as_json(group_fields(group)) for group in groups)
    elif groups:
        for number, group in enumerate(groups):
            out.print(group_text(group, first=number == 0), soft_wrap=True)
    else:
        out.print("No duplicates.")


def group_fields(group: "Group") -> dict[str, Any]:
    """The JSON fields of one group, the photo to keep first."""
    return {
        "kind": group.kind,
        "largest": group.photos[0].paths[0],
        "photos": [
            {
                "paths": list(photo.paths),
                "width": photo.width,
                "height": photo.height,
                "size": photo.size,
                "taken_at": photo.taken_at,
            }
            for photo in group.photos
        ],
    }


def group_text(group: "Group", *, first: bool) -> Text:
    """One group: what it is, then every file, the largest photo's first."""
    text = Text("" if first else "\n")
    text.append(KINDS[group.kind], style="bold")
    for place, photo in enumerate(group.photos):
        for path in photo.paths:
            text.append("\n  ").append(render.path_text(path))
            facts = f"  {photo.width:,} × {photo.height:,}, {render.human_size(photo.size)}"
            largest = place == 0 and len(group.photos) > 1 and group.kind == "near-duplicates"
            text.append(facts + (", the largest" if largest else ""), style="dim")
    return text


def _lines(value: str) -> Text:
    """Text that keeps its line breaks, and nothing else that could move a terminal's cursor."""
    return Text("\n".join(render.printable(line) for line in value.split("\n")))
