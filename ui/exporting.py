"""The command that takes photos out of the library, as files or as a list: `export`."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from storage.filters import Filter
from ui import compose, flags
from ui.errors import UiError
from ui.exported import ExportedPhoto, Problem
from ui.filtering import refuse_unknown_folders, with_filter
from ui.flags import examples
from ui.listing import newest
from ui.render import path_text, printable
from ui.settings import Settings
from ui.terminal import err, out, warn

if TYPE_CHECKING:
    from storage.library import Library
    from ui.export_forms import Forms, Made

Source = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="FILE", help="A list of paths, one a line or each ended by NUL; - is stdin."
    ),
]
Most = Annotated[int | None, typer.Option("-k", "--top", min=1, metavar="N", help="At most N photos.")]
Csv = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="A table for a spreadsheet.")]
JsonFile = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="A list for programs.")]
CopyTo = Annotated[Path | None, typer.Option("--copy-to", metavar="FOLDER", help="Copies of the photos.")]
LinkTo = Annotated[Path | None, typer.Option("--link-to", metavar="FOLDER", help="Links to the photos.")]
Hard = Annotated[bool, typer.Option("--hard", help="With --link-to: hard links, not symbolic ones.")]
Zip = Annotated[Path | None, typer.Option("--zip", metavar="FILE", help="The photos in one ZIP file.")]
ContactSheet = Annotated[
    Path | None,
    typer.Option("--contact-sheet", metavar="FILE", help="Small pictures: pages of a .pdf, or a .png."),
]
PaperName = Annotated[str, typer.Option("--paper", metavar="SIZE", help="a4 or letter.")]
Columns = Annotated[int, typer.Option("--columns", min=1, max=12, metavar="N", help="Pictures side by side.")]
Numbered = Annotated[bool, typer.Option("--numbered", help="Put the order before the names: 001_, 002_.")]
Force = Annotated[
    bool, typer.Option("--force", help="Replace a file that is there; copies and links never are.")
]


def add_commands(app: typer.Typer) -> None:
    """Make it a part of the command line."""
    app.command(
        "export",
        epilog=examples(
            "bridgelens export --after 2024 --rating 4 --copy-to ~/best --numbered",
            'bridgelens search "a red bicycle" --paths -0 | bridgelens export --from - --zip bicycles.zip',
            "bridgelens export --place rome --contact-sheet rome.pdf --csv rome.csv",
        ),
    )(with_filter(export_photos))


def export_photos(
    wanted: Filter | None = None,
    source: Source = None,
    csv: Csv = None,
    json: JsonFile = None,
    copy_to: CopyTo = None,
    link_to: LinkTo = None,
    hard: Hard = False,
    zip_file: Zip = None,
    contact_sheet: ContactSheet = None,
    paper: PaperName = "a4",
    columns: Columns = 4,
    numbered: Numbered = False,
    force: Force = False,
    top: Most = None,
    library: flags.Library = None,
) -> None:
    """Copy, link, zip, list or print photos; the originals are only read.

    Which photos: a list of paths, or all that the flags leave, the newest
    first. Several forms may be asked for at once. Exit code 1: something
    could not be exported, and the output says what.
    """
    from ui.contact_sheet import grid_of
    from ui.export_forms import Forms, refuse

    forms = Forms(
        csv=csv, json=json, zip=zip_file, copy_to=copy_to, link_to=link_to,
        links="hard" if hard else "symbolic", contact_sheet=contact_sheet, grid=grid_of(paper, columns),
        numbered=numbered, force=force,
    )  # fmt: skip
    refuse(forms)
    if source is not None and wanted is not None:
        raise UiError("--from and the flags of a filter exclude each other; give one of them.")
    settings = Settings.load(library=library)
    with compose.open_library(settings) as opened:
        refuse_unknown_folders(wanted, opened.roots(), settings.command("index FOLDER"))
        if source is not None:
            photos, unknown = at_paths(opened, read_paths(source)[:top])
        else:
            photos, unknown = where(opened, wanted, top), []
    finish(photos, forms, unknown)


def finish(photos: Sequence[ExportedPhoto], forms: "Forms", problems: Sequence[Problem] = ()) -> None:
    """Export photos, and say what was made and what was not; `problems` are those from before.

    Raises:
        UiError: there is nothing to export, or too much for a PNG.
        typer.Exit: code 1 where something is not in the export, 130 after Ctrl-C.
    """
    from ui.export_forms import export, refuse_pages

    for problem in problems:
        warn(f"{problem.path}: {problem.reason}")
    if not photos:
        raise UiError("there is no photo to export.")
    refuse_pages(forms, len(photos))
    complete = not problems
    try:
        with err.status("Exporting"):
            for made in export(photos, forms, compose.load_small):
                complete = complete and not made.problems
                say(made)
    except KeyboardInterrupt:
        err.print("Stopped. Every file that has its name is whole.")
        raise typer.Exit(130) from None
    if not complete:
        raise typer.Exit(1)


def say(made: "Made") -> None:
    """Print what was made, and what is not in it."""
    for problem in made.problems:
        warn(f"{problem.path}: {problem.reason}")
    if made.photos is not None:
        count = f"{made.photos:,} {'photo' if made.photos == 1 else 'photos'} in "
        out.print(Text(count).append_text(path_text(os.path.abspath(made.target))), soft_wrap=True)


def read_paths(source: str) -> list[str]:
    """The paths in a file, or on stdin for -, each once, absolute; NUL ends them where there is any.

    Raises:
        UiError: it is not there, or cannot be read.
    """
    try:
        content = sys.stdin.buffer.read() if source == "-" else Path(source).expanduser().read_bytes()
    except OSError as error:
        raise UiError(f"--from {printable(source)}: {error.strerror}.") from error
    lines = content.split(b"\0") if b"\0" in content else content.split(b"\n")
    return list(dict.fromkeys(os.path.abspath(os.fsdecode(line)) for line in lines if line))


def where(library: "Library", wanted: Filter | None, top: int | None = None) -> list[ExportedPhoto]:
    """The photos that a filter leaves, at most `top`, the newest first."""
    return [ExportedPhoto(record, record.paths[0]) for record in newest(library, wanted, top)]


def at_paths(library: "Library", paths: Sequence[str]) -> tuple[list[ExportedPhoto], list[Problem]]:
    """The photos that these files hold, in this order, and the files that the library does not know."""
    roots = [os.path.join(root, "") for root in library.roots()]
    inside = [path for path in paths if any(path.startswith(root) for root in roots)]
    ids = library.photo_ids_at(inside)
    records = library.photos(set(ids.values()))
    photos = [ExportedPhoto(records[ids[path]], path) for path in paths if path in ids]
    return photos, [Problem(path, "not in the library") for path in paths if path not in ids]
