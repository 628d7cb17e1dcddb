"""The forms that photos leave the library in, and the export that makes each that was asked for."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ui.contact_sheet import Grid, LoadPhoto, write_pdf, write_png
from ui.errors import UiError
from ui.export_files import LinkKind, copy_photos, link_photos, zip_photos
from ui.export_tables import write_csv, write_json
from ui.exported import ExportedPhoto, Problem, reason_of
from ui.whole_file import sync, take_name, written_beside


@dataclass(frozen=True, slots=True)
class Forms:
    """What to make of photos; each form that is not None is made.

    Attributes:
        csv: A table for a spreadsheet, to this file.
        json: A list for programs, to this file.
        copy_to: Copies, in this folder.
        link_to: Links, in this folder.
        links: Of which kind these are.
        zip: All photos, in this file.
        contact_sheet: Small pictures, in this .pdf or .png.
        grid: How those stand.
        numbered: Whether names of copies, links and in the ZIP begin with the photo's place in the order.
        force: Whether a file of these names is replaced. A copy or a link never replaces anything.
    """

    csv: Path | None = None
    json: Path | None = None
    copy_to: Path | None = None
    link_to: Path | None = None
    links: LinkKind = "symbolic"
    zip: Path | None = None
    contact_sheet: Path | None = None
    grid: Grid = field(default_factory=Grid)
    numbered: bool = False
    force: bool = False

    def files(self) -> dict[str, Path]:
        """The files that were asked for, by their flag."""
        named = {
            "--csv": self.csv,
            "--json": self.json,
            "--zip": self.zip,
            "--contact-sheet": self.contact_sheet,
        }
        return {flag: file for flag, file in named.items() if file is not None}

    def folders(self) -> dict[str, Path]:
        """The folders that were asked for, by their flag."""
        named = {"--copy-to": self.copy_to, "--link-to": self.link_to}
        return {flag: folder for flag, folder in named.items() if folder is not None}


@dataclass(frozen=True, slots=True)
class Made:
    """One form of an export.

    Attributes:
        target: The file or the folder.
        photos: How many photos are in it; None where it could not be made.
        problems: What is not in it.
    """

    target: Path
    photos: int | None
    problems: Sequence[Problem] = ()


def refuse(forms: Forms) -> None:
    """Refuse what cannot be made, before anything is.

    Raises:
        UiError: no form was asked for, a file is there already, or has no folder to lie in, and the like.
    """
    if not forms.files() and not forms.folders():
        raise UiError(
            "nothing says what to make: give --csv, --json, --copy-to, --link-to, --zip or --contact-sheet."
        )
    for flag, file in forms.files().items():
        if file.is_dir():
            raise UiError(f"{flag} {file}: expected a file, found a folder; name a file in it.")
        if not file.absolute().parent.is_dir():
            raise UiError(f"{flag} {file}: its folder is not there; make it, or name another file.")
        if os.path.lexists(file) and not forms.force:
            raise UiError(
                f"{flag} {file}: it is there already; name another file, or replace it with --force."
            )
    for flag, folder in forms.folders().items():
        if os.path.lexists(folder) and not folder.is_dir():
            raise UiError(f"{flag} {folder}: expected a folder, found a file; name another folder.")
    sheet = forms.contact_sheet
    if sheet is not None and sheet.suffix.lower() not in (".pdf", ".png"):
        raise UiError(f"--contact-sheet {sheet}: expected a name that ends in .pdf or .png.")
    if forms.grid.rows < 1:
        raise UiError(f"--columns {forms.grid.columns}: the pictures are higher than the page; give more.")


def refuse_pages(forms: Forms, photos: int) -> None:
    """Refuse a PNG for more photos than one page holds.

    Raises:
        UiError: it is too small.
    """
    sheet, most = forms.contact_sheet, forms.grid.on_a_page
    if sheet is not None and sheet.suffix.lower() == ".png" and photos > most:
        raise UiError(
            f"--contact-sheet {sheet}: a PNG is one page, and holds {most} of the {photos:,} photos; "
            "give a .pdf, more --columns, or -k."
        )


def export(photos: Sequence[ExportedPhoto], forms: Forms, load: LoadPhoto) -> Iterator[Made]:
    """Make each form of the photos, in their order, one after the other; `refuse` has let them pass.

    What cannot be read or written is told, and all else is made. Whatever ends the export, no file is left
    that is not whole.

    Yields:
        Each form once it is made.
    """
    if forms.csv is not None:
        yield _whole(forms.csv, forms, photos, lambda part: write_csv(photos, part))
    if forms.json is not None:
        yield _whole(forms.json, forms, photos, lambda part: write_json(photos, part))
    if (folder := forms.copy_to) is not None:
        yield _made(folder, photos, lambda: copy_photos(photos, folder, numbered=forms.numbered))
    if (place := forms.link_to) is not None:
        yield _made(place, photos, lambda: link_photos(photos, place, forms.links, numbered=forms.numbered))
    if forms.zip is not None:
        yield _whole(forms.zip, forms, photos, lambda part: zip_photos(photos, part, numbered=forms.numbered))
    if (sheet := forms.contact_sheet) is not None:
        draw = write_png if sheet.suffix.lower() == ".png" else write_pdf
        yield _whole(sheet, forms, photos, lambda part: draw(photos, part, forms.grid, load))


def _whole(
    target: Path, forms: Forms, photos: Sequence[ExportedPhoto], write: Callable[[Path], list[Problem]]
) -> Made:
    """Make a file that gets its name when it is whole."""

    def make() -> list[Problem]:
        with written_beside(target) as part:
            problems = write(part)
            sync(part)
            if forms.force:
                os.replace(part, target)
            else:
                take_name(part, target)
        return problems

    return _made(target, photos, make)


def _made(target: Path, photos: Sequence[ExportedPhoto], make: Callable[[], list[Problem]]) -> Made:
    try:
        problems = make()
    except OSError as error:
        return Made(target, None, [Problem(str(target), reason_of(error))])
    return Made(target, len(photos) - len(problems), problems)
