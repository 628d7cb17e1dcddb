"""`bridgelens explain` on real photos, with an encoder that knows colours."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

Run = Callable[..., Any]


def test_a_table_of_words(bridgelens: Run, encoder: Any, photos: Path) -> None:
    ran = bridgelens("explain", photos / "red.png", "a red bus")
    rows = [line.split() for line in ran.out.splitlines() if line.strip("─ ")]
    assert ran.code == 0
    assert rows == [
        ["adds", "without", "word"],
        ["+0.0", "98.2%", "a"],
        ["+8.0", "1.8%", "red"],  # without it the encoder takes the caption for "blue"
        ["+0.0", "98.2%", "bus"],
        ["+4.0", "98.2%", "a", "red", "bus"],
    ]


def test_the_same_as_json_with_a_heat_map(
    bridgelens: Run, encoder: Any, photos: Path, tmp_path: Path
) -> None:
    target = tmp_path / "why.png"
    ran = bridgelens("explain", photos / "red.png", "red bus", "--json", "--heat-map", target)
    found = json.loads(ran.out)
    assert (found["caption"], found["log_odds"]) == ("red bus", 4.0)
    assert found["match_probability"] == pytest.approx(0.982, abs=1e-3)
    assert [(word["word"], word["log_odds_change"]) for word in found["words"]] == [("red", 8), ("bus", 0)]
    assert found["heat_map"] == {"path": str(target), "illustrative": False}
    with Image.open(target) as picture:
        assert (picture.format, picture.size) == ("PNG", (40, 30))
        # The encoder sees the middle square, in which the top right is hot: green comes in, as yellow.
        green = picture.getchannel("G")
        assert (green.getpixel((33, 2)), green.getpixel((8, 28))) == (166, 0)
    assert "illustration" not in ran.err


@pytest.mark.parametrize("measured", [None, 0.7])
def test_maps_that_were_not_found_to_point_are_called_illustrations(
    bridgelens: Run, encoder: Any, photos: Path, tmp_path: Path, measured: float | None
) -> None:
    encoder.heat_map_right = measured
    ran = bridgelens("explain", photos / "red.png", "red bus", "--heat-map", tmp_path / "why.png")
    assert "an illustration only" in ran.err


def test_nothing_is_overwritten(bridgelens: Run, encoder: Any, photos: Path) -> None:
    before = (photos / "red.png").read_bytes()
    ran = bridgelens("explain", photos / "red.png", "a red bus", "--heat-map", photos / "red.png")
    assert (ran.code, ran.out) == (2, "")
    assert "red.png is there already; name another file" in ran.err
    assert (photos / "red.png").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "said"), [("why.jpg", "expected a name that ends in .png"), ("no/why.png", "is no folder")]
)
def test_a_name_that_cannot_be_is_refused(
    bridgelens: Run, encoder: Any, photos: Path, tmp_path: Path, name: str, said: str
) -> None:
    ran = bridgelens("explain", photos / "red.png", "a red bus", "--heat-map", tmp_path / name)
    assert ran.code == 2
    assert said in ran.err


def test_an_empty_caption(bridgelens: Run, encoder: Any, photos: Path) -> None:
    ran = bridgelens("explain", photos / "red.png", "  ")
    assert ran.code == 2
    assert "describe the photo in words" in ran.err
