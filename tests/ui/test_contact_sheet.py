from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image, PdfParser

from ui.compose import load_small
from ui.contact_sheet import PAPERS, Grid, pages, write_pdf, write_png
from ui.exported import ExportedPhoto, Problem

Make = Callable[..., ExportedPhoto]


@pytest.mark.parametrize(
    ("grid", "edge", "rows"),
    [
        # (1240 - 150 - 3 x 24) / 4; (1754 - 150 - 44 + 24) / (254 + 66 + 24) = 4.6
        (Grid(), 254, 4),
        # (1275 - 150 - 3 x 24) / 4; (1650 - 150 - 44 + 24) / (263 + 90) = 4.2
        (Grid("letter"), 263, 4),
        (Grid("a4", 1), 1090, 1),
    ],
)
def test_where_pictures_go(grid: Grid, edge: int, rows: int) -> None:
    assert (grid.edge, grid.rows, grid.on_a_page) == (edge, rows, rows * grid.columns)
    x, y = grid.corner(grid.on_a_page - 1)
    width, height = PAPERS[grid.paper]
    assert x + edge <= width - 75
    assert y + edge + 3 * 22 <= height - 75


def test_a_photo_and_its_words(photos: Path, exported: Make) -> None:
    taken = datetime(2023, 5, 31, 23, 59)
    photo = exported(photos / "red.png", "a caption", 0.98, taken_at=taken)
    problems: list[Problem] = []
    [page] = pages([photo], Grid(), load_small, problems)
    x, y = Grid().corner(0)
    # 40 x 30 pixels, not made larger, in the lower left corner of the square.
    assert page.getpixel((x, y + 254 - 1)) == (255, 0, 0)
    assert page.getpixel((x + 39, y + 254 - 30)) == (255, 0, 0)
    assert page.getpixel((x + 40, y + 254 - 1)) == (255, 255, 255)
    assert page.getpixel((x, y + 254 - 31)) == (255, 255, 255)
    for line in range(3):  # name, date, match
        words = page.crop((x, y + 254 + line * 22, x + 254, y + 276 + line * 22)).convert("L")
        assert min(words.tobytes()) < 160
    assert problems == []


def test_a_long_name_stays_under_its_own_picture(photos: Path, exported: Make) -> None:
    long = photos / f"{'w' * 200}.png"
    Image.new("RGB", (40, 30), "red").save(long)
    [page] = pages([exported(long)], Grid(), load_small, [])
    x, y = Grid().corner(0)
    assert page.crop((x + 254, y + 254, page.width, y + 340)).getextrema() == ((255, 255),) * 3


def test_a_photo_that_cannot_be_read_leaves_its_place(photos: Path, exported: Make, tmp_path: Path) -> None:
    (photos / "broken.png").write_bytes(b"")
    order = [exported(photos / name) for name in ("red.png", "broken.png", "blue.png")]
    assert write_png(order, tmp_path / "a.part", Grid(), load_small) == [
        Problem(str(photos / "broken.png"), "empty file: 0 bytes")
    ]
    with Image.open(tmp_path / "a.part") as page:
        assert (page.format, page.size) == ("PNG", (1240, 1754))
        x, y = Grid().corner(2)
        assert page.getpixel((x, y + 253)) == (0, 0, 255)


def test_a_pdf_has_as_many_pages_as_it_needs(photos: Path, exported: Make, tmp_path: Path) -> None:
    many = [exported(photos / "red.png")] * 33
    assert write_pdf(many, tmp_path / "a.part", Grid("letter"), load_small) == []
    with PdfParser.PdfParser(str(tmp_path / "a.part")) as pdf:
        assert len(pdf.pages) == 3
        box = pdf.read_indirect(pdf.pages[2])[b"MediaBox"]
        assert [float(side) for side in box] == [0, 0, 612, 792]  # points: 8.5 x 11 inches
