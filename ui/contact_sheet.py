"""Photos as small pictures on paper: pages of a PDF, or one PNG."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from PIL import Image, ImageDraw, ImageFont

from indexer.errors import PhotoUnreadable
from ui.errors import UiError
from ui.exported import ExportedPhoto, Problem
from ui.photo_facts import clock
from ui.render import percent, printable

Paper: TypeAlias = Literal["a4", "letter"]
LoadPhoto: TypeAlias = Callable[[str, int], Image.Image]
"""A file to an upright RGB photo whose longer edge has at least so many pixels, or its own where it has less.

Raises `PhotoUnreadable`.
"""

DPI = 150
PAPERS: dict[Paper, tuple[int, int]] = {"a4": (1240, 1754), "letter": (1275, 1650)}
"""Width and height in pixels at `DPI`."""

_MARGIN, _GAP = 75, 24
_TEXT, _LINE = 16, 22  # the size of the letters and the distance of the lines, in pixels
_LINES = 3
_INK, _PALE = "#0f172a", "#64748b"


@dataclass(frozen=True, slots=True)
class Grid:
    """Where pictures go on a page.

    Attributes:
        paper: Of which size it is.
        columns: How many stand side by side.
    """

    paper: Paper = "a4"
    columns: int = 4

    @property
    def edge(self) -> int:
        """The square that a picture fits in, in pixels."""
        width = PAPERS[self.paper][0] - 2 * _MARGIN
        return (width - (self.columns - 1) * _GAP) // self.columns

    @property
    def rows(self) -> int:
        """How many pictures stand one above another, between the lines at the top and at the bottom."""
        height = PAPERS[self.paper][1] - 2 * _MARGIN - 2 * _LINE
        return (height + _GAP) // (self.edge + _LINES * _LINE + _GAP)

    @property
    def on_a_page(self) -> int:
        """How many pictures a page holds."""
        return self.columns * self.rows

    def corner(self, place: int) -> tuple[int, int]:
        """The upper left corner of a picture's square, by its place on the page from 0."""
        row, column = divmod(place, self.columns)
        x = _MARGIN + column * (self.edge + _GAP)
        return x, _MARGIN + 2 * _LINE + row * (self.edge + _LINES * _LINE + _GAP)


def grid_of(paper: str, columns: int) -> Grid:
    """The grid that flags ask for.

    Raises:
        UiError: there is no such paper.
    """
    if (size := paper.lower()) not in PAPERS:
        raise UiError(f"--paper {paper}: expected {' or '.join(PAPERS)}.")
    return Grid(size, columns)


def write_pdf(photos: Sequence[ExportedPhoto], file: Path, grid: Grid, load: LoadPhoto) -> list[Problem]:
    """Write the pages to a PDF, one after the other: one page is in memory, however many there are.

    Returns:
        The photos that could not be read; their squares are empty and say so.

    Raises:
        OSError: it cannot be written.
    """
    problems: list[Problem] = []
    for number, page in enumerate(pages(photos, grid, load, problems)):
        page.save(file, "PDF", resolution=DPI, title="Photos", append=number > 0)
    return problems


def write_png(photos: Sequence[ExportedPhoto], file: Path, grid: Grid, load: LoadPhoto) -> list[Problem]:
    """Write one page to a PNG; as `write_pdf`."""
    problems: list[Problem] = []
    [page] = pages(photos, grid, load, problems)
    page.save(file, "PNG", dpi=(DPI, DPI))
    return problems


def pages(
    photos: Sequence[ExportedPhoto], grid: Grid, load: LoadPhoto, problems: list[Problem]
) -> Iterator[Image.Image]:
    """The pages, RGB; photos that cannot be read are added to `problems`."""
    count = -(-len(photos) // grid.on_a_page)
    for number in range(count):
        page = Image.new("RGB", PAPERS[grid.paper], "white")
        draw = ImageDraw.Draw(page)
        part = photos[number * grid.on_a_page : (number + 1) * grid.on_a_page]
        _words(draw, (_MARGIN, _MARGIN), part[0].caption or "", page.width - 2 * _MARGIN, _INK)
        _words(draw, (_MARGIN, page.height - _MARGIN), f"{number + 1} / {count}", grid.edge, _PALE)
        for place, photo in enumerate(part):
            corner = grid.corner(place)
            try:
                _picture(page, corner, load(photo.path, grid.edge), grid.edge)
            except PhotoUnreadable as error:
                problems.append(Problem(photo.path, error.reason))
                draw.rectangle((*corner, corner[0] + grid.edge, corner[1] + grid.edge), fill="#f1f5f9")
                _words(draw, (corner[0] + _GAP, corner[1] + _GAP), "cannot be read", grid.edge, _PALE)
            for line, (words, ink) in enumerate(_said(photo)):
                _words(draw, (corner[0], corner[1] + grid.edge + line * _LINE + 4), words, grid.edge, ink)
        yield page


def _said(photo: ExportedPhoto) -> Iterator[tuple[str, str]]:
    """The lines under a picture, and their colours."""
    yield os.path.basename(photo.path), _INK
    if photo.record.taken_at is not None:
        yield clock(photo.record.taken_at.replace(tzinfo=None)), _PALE
    if photo.probability is not None:
        yield f"{percent(photo.probability)} match", _PALE


def _picture(page: Image.Image, corner: tuple[int, int], photo: Image.Image, edge: int) -> None:
    """Paste a photo into the lower left corner of its square, next to the words."""
    small = photo.copy()
    small.thumbnail((edge, edge), Image.Resampling.LANCZOS)
    page.paste(small, (corner[0], corner[1] + edge - small.height))


def _words(draw: ImageDraw.ImageDraw, place: tuple[int, int], words: str, width: int, ink: str) -> None:
    """Write one line, its end left out where it is too long."""
    font = ImageFont.load_default(_TEXT)
    text = printable(words)
    if draw.textlength(text, font) > width:
        # An upper bound of the letters that fit, so that a very long text is not measured again and again.
        text = text[: width // 2]
        while text and draw.textlength(text + "...", font) > width:
            text = text[:-1]
        text += "..."
    draw.text(place, text, ink, font)
