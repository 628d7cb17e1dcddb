"""What is typed to a filter, and what is said of what cannot be one."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer

from storage.filters import Box, Filter, Near
from ui.errors import UiError
from ui.filtering import (
    as_filter,
    chosen_first,
    circle,
    first_day,
    last_day,
    refuse_unknown_folders,
    with_filter,
)


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("2023", date(2023, 1, 1), date(2023, 12, 31)),
        ("2023-05", date(2023, 5, 1), date(2023, 5, 31)),
        ("2024-2", date(2024, 2, 1), date(2024, 2, 29)),
        (" 2023-05-07 ", date(2023, 5, 7), date(2023, 5, 7)),
        ("9999", date(9999, 1, 1), date(9999, 12, 31)),
    ],
)
def test_a_year_a_month_and_a_day_are_spans(typed: str, first: date, last: date) -> None:
    assert (first_day("--after", typed), last_day("--before", typed)) == (first, last)


@pytest.mark.parametrize(
    "typed", ["", "23", "2023-13", "2023-02-30", "0000", "May 2023", "2023-05-07T10", "2023-"]
)
def test_no_date(typed: str) -> None:
    with pytest.raises(UiError) as refused:
        as_filter(before=typed)
    said = "expected a year, a month or a day that there is, as 2023, 2023-05 or 2023-05-31."
    assert str(refused.value) == f"--before {typed}: {said}"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("48.2,16.4,10km", Near(48.2, 16.4, 10)),
        ("-33.8, 151.2, 10 KM", Near(-33.8, 151.2, 10)),
        ("+48,16.,2", Near(48, 16, 2)),
        ("48.2,16.4,500m", Near(48.2, 16.4, 0.5)),
        ("48.2,16.4,10mi", Near(48.2, 16.4, 16.09344)),
    ],
)
def test_a_circle(typed: str, found: Near) -> None:
    assert circle(typed) == found


@pytest.mark.parametrize("typed", ["", "Vienna", "48.2,16.4", "48,2,16,4,10km", "48.2 16.4 10km", "1,2,3ly"])
def test_no_circle(typed: str) -> None:
    with pytest.raises(UiError) as refused:
        as_filter(near=typed)
    said = "expected latitude, longitude and distance with commas between them, as --near 48.2,16.4,10km"
    assert str(refused.value) == f"--near {typed}: {said}"


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"near": "91,0,1"}, "a latitude is from -90 to 90 degrees, not 91."),
        ({"box": "0,0,0,181"}, "a longitude is from -180 to 180 degrees, not 181."),
        (
            {"box": "47,9.5,49"},
            "--box 47,9.5,49: expected south, west, north and east with commas between them, "
            "as --box 47,9.5,49,17.2",
        ),
        ({"kind": ["gif"]}, "--kind gif: expected photo, raw or video."),
        ({"camera": [" "]}, "--camera: expected a name, found nothing."),
        ({"place": ["rome", ","]}, "--place: expected a name, found nothing."),
        (
            {"after": "2024", "before": "2023"},
            "no day is both on or after 2024-01-01 and on or before 2023-12-31; swap the two dates.",
        ),
    ],
)
def test_what_cannot_be_asked(flags: dict[str, Any], said: str) -> None:
    with pytest.raises(UiError) as refused:
        as_filter(**flags)
    assert str(refused.value) == said


def test_no_flag_is_no_filter() -> None:
    assert as_filter() is None
    assert as_filter(folders=[], camera=[], place=[], kind=[]) is None


def test_every_flag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    made = as_filter(
        folders=[Path("~/link"), Path("/b/../c")], after="2023-05", before="2024", camera=["r5", "pixel"],
        place=["rome"], near="41.9,12.5,3km", box="36, 6.6, 47.1, 18.5", rating=4,
        kind=["RAW", "video"], copies=True,
    )  # fmt: skip
    assert made == Filter(
        folders=(os.path.realpath(tmp_path / "real"), "/c"),
        taken_from=date(2023, 5, 1),
        taken_to=date(2024, 12, 31),
        cameras=("r5", "pixel"),
        places=("rome",),
        near=Near(41.9, 12.5, 3),
        box=Box(36, 6.6, 47.1, 18.5),
        rating=4,
        kinds=("raw", "video"),
        copies=True,
    )


def test_a_command_with_the_flags_of_a_filter(capsys: pytest.CaptureFixture[str]) -> None:
    def show(
        caption: str, top: Annotated[int, typer.Option("-k")] = 10, wanted: Filter | None = None
    ) -> None:
        """Show what was asked."""
        typer.echo(repr((caption, top, wanted)))

    app = typer.Typer()
    app.command()(with_filter(show))
    for typed, found in (
        (["dogs"], ("dogs", 10, None)),
        (
            ["dogs", "-k", "3", "--camera", "r5", "--copies"],
            ("dogs", 3, Filter(cameras=("r5",), copies=True)),
        ),
    ):
        app(typed, standalone_mode=False)
        assert capsys.readouterr().out == f"{found!r}\n"
    app(["--help"], standalone_mode=False)
    shown = capsys.readouterr().out
    assert "Show what was asked." in shown and "--near" in shown


def test_folders_that_the_library_does_not_have() -> None:
    roots = ["/disk", "/photos"]
    for folder in ("/", "/photos", "/photos/2023/not there"):
        refuse_unknown_folders(Filter(folders=(folder,)), roots, "bridgelens index FOLDER")
    refuse_unknown_folders(None, roots, "bridgelens index FOLDER")
    for folder in ("/photosets", "/elsewhere"):
        with pytest.raises(UiError) as refused:
            refuse_unknown_folders(Filter(folders=("/disk", folder)), roots, "bridgelens index FOLDER")
        assert str(refused.value) == (
            f"--in {folder}: expected one of the library's folders (/disk, /photos) or a folder in them; "
            "`bridgelens index FOLDER` adds it."
        )


def test_the_copy_that_was_asked_for_is_the_first() -> None:
    paths = ("/a/1", "/b/1", "/bc/1")
    assert chosen_first(paths, Filter(folders=("/b",))) == ("/b/1", "/a/1", "/bc/1")
    assert chosen_first(paths, None) == paths
