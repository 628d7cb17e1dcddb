"""`bridgelens tag` and `bridgelens tags` on a real library, with an encoder that knows colours."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


def words(run: Run, photo: Path) -> list[tuple[str, str]]:
    info = json.loads(run("info", photo, "--json").out)
    return [(tag["word"], tag["source"]) for tag in info["tags"]]


def test_every_photo_gets_its_colour_once(indexed: Run, photos: Path) -> None:
    ran = indexed("tag")
    assert (ran.code, ran.out.splitlines()[0]) == (
        0,
        "3 photos tagged with 3 words. To see them: bridgelens tags",
    )
    assert words(indexed, photos / "red.png") == [("red", "model")]
    assert json.loads(indexed("tag", "--json").out) == {
        "photos": 0, "tags": 0, "failures": [], "interrupted": False,
    }  # fmt: skip
    assert json.loads(indexed("tag", "--json", photos / "red.png").out)["photos"] == 1


def test_words_of_ones_own(indexed: Run, photos: Path) -> None:
    red, blue = photos / "red.png", photos / "blue.png"
    indexed("tag")
    ran = indexed("tag", "--add", "My Bus", "--add", "Rex", "--remove", "red", red, blue)
    assert (ran.code, ran.out) == (0, "2 photos changed.\n")
    assert words(indexed, red) == [("my bus", "user"), ("rex", "user")]
    assert indexed("tag", red, blue).code == 0
    assert words(indexed, red) == [("my bus", "user"), ("rex", "user")]
    assert words(indexed, blue) == [("my bus", "user"), ("rex", "user"), ("blue", "model")]
    shown = " ".join(indexed("info", blue).out.split())
    assert "your tags my bus, rex tags blue" in shown


def test_the_words_with_their_counts(indexed: Run, photos: Path) -> None:
    assert "To make some: bridgelens tag" in indexed("tags").out
    indexed("tag")
    indexed("tag", "--add", "red", photos / "blue.png")
    lines = [line.split(maxsplit=1) for line in indexed("tags").out.splitlines()]
    assert [[cell.strip() for cell in line] for line in lines] == [
        ["2", "red (1 by you)"],
        ["1", "blue"],
        ["1", "green"],
    ]
    counts = [json.loads(line) for line in indexed("tags", "--json").out.splitlines()]
    assert counts[0] == {"word": "red", "photos": 2, "by_user": 1}


def test_a_bad_photo_is_reported_and_tried_again(indexed: Run, photos: Path) -> None:
    good = (photos / "red.png").read_bytes()
    (photos / "red.png").write_bytes(good[:40])
    ran = indexed("tag")
    assert ran.code == 0
    assert "2 photos tagged with 2 words" in ran.out
    assert "red.png: " in ran.out
    assert words(indexed, photos / "blue.png") == [("blue", "model")]
    (photos / "red.png").write_bytes(good)
    indexed("index", photos)
    assert "1 photos tagged with 1 words" in indexed("tag").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--add", "rex"], "need the photos they are about"),
        (["--add", "rex", "other.png"], "is not in the library"),
        (["--add", "Rex", "--remove", "rex", "red.png"], "rex is to be added and removed"),
        (["--add", " ", "red.png"], "expected a word of 1 to 64 printable characters"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_changed(
    indexed: Run, photos: Path, arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(photos)
    ran = indexed("tag", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert indexed("tags", "--json").out == ""


def test_photos_of_a_disk_that_is_not_there_are_left_for_later(indexed: Run, photos: Path) -> None:
    photos.rename(photos.with_name("elsewhere"))
    ran = indexed("tag")
    assert ran.code == 0
    assert "is not there or empty" in ran.err
    assert "0 photos tagged" in ran.out
    photos.with_name("elsewhere").rename(photos)
    assert "3 photos tagged" in indexed("tag").out
