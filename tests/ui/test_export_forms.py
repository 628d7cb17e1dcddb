from __future__ import annotations

import os
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ui.compose import load_small
from ui.contact_sheet import Grid
from ui.errors import UiError
from ui.export_forms import Forms, Made, export, refuse, refuse_pages
from ui.exported import ExportedPhoto, Problem

Make = Callable[..., ExportedPhoto]


def test_every_form_at_once(photos: Path, exported: Make, tmp_path: Path) -> None:
    names = ("csv", "json", "copy_to", "link_to", "zip", "contact_sheet")
    to: dict[str, Any] = {
        name: tmp_path / ("sheet.pdf" if name == "contact_sheet" else name) for name in names
    }
    forms = Forms(**to)
    refuse(forms)
    order = [exported(photos / "red.png"), exported(photos / "blue.png")]
    assert list(export(order, forms, load_small)) == [Made(target, 2, []) for target in to.values()]
    assert sorted(os.listdir(tmp_path)) == sorted(["photos", *(target.name for target in to.values())])
    assert sorted(os.listdir(to["copy_to"])) == sorted(os.listdir(to["link_to"])) == ["blue.png", "red.png"]


def test_what_fails_does_not_keep_the_rest_from_being_made(
    photos: Path, exported: Make, tmp_path: Path
) -> None:
    (tmp_path / "csv").mkdir()
    forms = Forms(csv=tmp_path / "csv" / "a.csv", json=tmp_path / "a.json", zip=tmp_path / "a.zip")
    refuse(forms)
    (tmp_path / "csv").rmdir()  # a disk that is pulled out
    order = [exported(photos / "red.png"), exported(photos / "gone.png")]
    gone = Problem(str(photos / "gone.png"), "no such file or directory")
    assert list(export(order, forms, load_small)) == [
        Made(tmp_path / "csv" / "a.csv", None, [Problem(str(tmp_path / "csv" / "a.csv"), gone.reason)]),
        Made(tmp_path / "a.json", 2, []),
        Made(tmp_path / "a.zip", 1, [gone]),
    ]


def test_a_disk_that_takes_no_more(photos: Path, exported: Make, tmp_path: Path) -> None:
    sheet, folder, archive = tmp_path / "a.pdf", tmp_path / "new", tmp_path / "a.zip"
    order = [exported(photos / "red.png")]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))  # bytes a file; Python ignores the signal
    try:
        made = list(export(order, Forms(copy_to=folder, zip=archive, contact_sheet=sheet), load_small))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [(each.photos, each.problems[0].reason) for each in made] == [
        (0, "file too large"),
        (None, "file too large"),
        (None, "file too large"),
    ]
    assert sorted(os.listdir(tmp_path)) == ["new", "photos"]
    assert os.listdir(folder) == []


def test_a_file_that_came_meanwhile_stays(photos: Path, exported: Make, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("mine")
    order = [exported(photos / "red.png")]
    [made] = export(order, Forms(csv=tmp_path / "a.csv"), load_small)
    assert (made.photos, made.problems[0].reason) == (None, "file exists")
    assert (tmp_path / "a.csv").read_text() == "mine"
    [made] = export(order, Forms(csv=tmp_path / "a.csv", force=True), load_small)
    assert made.photos == 1
    assert "red.png" in (tmp_path / "a.csv").read_text()
    assert sorted(os.listdir(tmp_path)) == ["a.csv", "photos"]


def test_ctrl_c_leaves_nothing_half(photos: Path, exported: Make, tmp_path: Path) -> None:
    def interrupted(path: str, edge: int) -> Image.Image:
        raise KeyboardInterrupt

    forms = Forms(csv=tmp_path / "a.csv", contact_sheet=tmp_path / "a.pdf")
    with pytest.raises(KeyboardInterrupt):
        list(export([exported(photos / "red.png")], forms, interrupted))
    assert sorted(os.listdir(tmp_path)) == ["a.csv", "photos"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "nothing says what to make"),
        ({"csv": "photos"}, "expected a file, found a folder"),
        ({"zip": "none/a.zip"}, "its folder is not there"),
        ({"json": "photos/red.png"}, "it is there already; name another file, or replace it with --force"),
        ({"copy_to": "photos/red.png"}, "expected a folder, found a file"),
        ({"contact_sheet": "a.jpg"}, "expected a name that ends in .pdf or .png"),
    ],
)
def test_refusals(photos: Path, tmp_path: Path, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(UiError) as refused:
        refuse(Forms(**{name: tmp_path / value for name, value in fields.items()}))
    assert said in str(refused.value)
    for name, value in fields.items():
        assert str(refused.value).startswith(f"--{name.replace('_', '-')} {tmp_path / value}: ")


def test_force_replaces(photos: Path) -> None:
    refuse(Forms(json=photos / "red.png", force=True))


def test_a_png_is_one_page(tmp_path: Path) -> None:
    png = Forms(contact_sheet=tmp_path / "a.PNG")
    refuse_pages(png, 16)
    with pytest.raises(UiError, match=r"holds 16 of the 17 photos; give a \.pdf"):
        refuse_pages(png, 17)
    refuse_pages(Forms(contact_sheet=tmp_path / "a.pdf"), 17)
    refuse_pages(Forms(contact_sheet=tmp_path / "a.png", grid=Grid("a4", 6)), 17)
