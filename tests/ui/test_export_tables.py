from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from storage.records import Place
from ui.export_tables import cell, write_csv, write_json
from ui.exported import ExportedPhoto

Make = Callable[..., ExportedPhoto]


@pytest.fixture
def two(exported: Make) -> list[ExportedPhoto]:
    """One photo with all that can be said, with attacks and odd names in it, and one with nothing."""
    full = exported(
        "/p/a.jpg", "two dogs", 0.98, 1,
        paths=("/p/a.jpg", "/p/copy.jpg"), taken_at=datetime.fromisoformat("2023-05-31T23:59:59+02:00"),
        camera="=cmd|'/c calc'!A1", latitude=-33.8, longitude=151.2, place=Place("Sydney, Australia", "AU"),
        caption="+1\nand more", keywords=("@home", "beach"), rating=-1,
    )  # fmt: skip
    return [full, exported(os.fsdecode(b"/p/caf\xe9.jpg"))]


def test_csv_for_a_spreadsheet(two: list[ExportedPhoto], tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    assert write_csv(two, file) == []
    assert file.read_bytes().startswith(b"\xef\xbb\xbfrank,path,query,")
    with open(file, encoding="utf-8-sig", newline="") as stream:
        full, bare = csv.DictReader(stream)
    assert full == {
        "rank": "1", "path": "/p/a.jpg", "query": "two dogs", "match_probability": "0.98",
        "copies": "/p/copy.jpg", "width": "40", "height": "30", "size": "0",
        "taken_at": "2023-05-31 23:59:59+02:00", "format": "PNG", "camera": "'=cmd|'/c calc'!A1",
        "place": "Sydney, Australia", "country_code": "AU", "latitude": "-33.8", "longitude": "151.2",
        "caption": "'+1\nand more", "keywords": "'@home; beach", "rating": "-1", "duration_s": "",
    }  # fmt: skip
    assert bare["path"] == r"/p/caf\udce9.jpg"
    assert (bare["rank"], bare["taken_at"]) == ("", "")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_is_a_formula(start: str) -> None:
    shown = cell(f"{start}1+1")
    assert isinstance(shown, str) and shown[0] not in "=+-@\t\r"


def test_what_is_no_formula_stays() -> None:
    assert [cell(value) for value in ("a=b", -5, -33.8, None, [], ["a", "b"])] == [
        "a=b",
        -5,
        -33.8,
        None,
        "",
        "a; b",
    ]


def test_json_for_programs(two: list[ExportedPhoto], tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    assert write_json(two, file) == []
    full, bare = json.loads(file.read_text(encoding="ascii"))
    assert (full["rank"], full["query"], full["match_probability"]) == (1, "two dogs", 0.98)
    assert (full["camera"], full["caption"], full["copies"]) == (
        "=cmd|'/c calc'!A1",
        "+1\nand more",
        ["/p/copy.jpg"],
    )
    assert full["taken_at"] == "2023-05-31T23:59:59+02:00"
    assert os.fsencode(bare["path"]) == b"/p/caf\xe9.jpg"
    write_json([], file)
    assert json.loads(file.read_text()) == []
