"""The command `search` with more than one caption: what is and is not to be seen, photos, time, versions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from PIL import Image

from storage.library import Library
from ui.settings import Settings

Run = Callable[..., Any]


def names(ran: Any) -> list[str]:
    assert ran.code == 0, ran.err
    return [Path(json.loads(line)["path"]).name for line in ran.out.splitlines()]


def refused(ran: Any, *words: str) -> None:
    """One line on stderr with these words, nothing on stdout, exit code 2."""
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: ") and ran.err.count("\n") == 1
    for word in words:
        assert word in ran.err


def test_like_an_indexed_photo_leaves_the_photo_out_and_needs_no_caption(indexed: Run, photos: Path) -> None:
    Image.new("RGB", (40, 30), (200, 100, 0)).save(photos / "orange.png")  # cosine with red 2 / 5 ** 0.5
    indexed("index", photos)
    ran = indexed("search", "--like", photos / "red.png", "--json")
    assert names(ran) == ["orange.png", "blue.png", "green.png"]
    first = json.loads(ran.out.splitlines()[0])
    assert first["similarity"] == pytest.approx(0.8944, abs=1e-3)  # stored as float16
    assert (first["match_probability"], first["judged"], first["to_judge"]) == (None, 0, 0)


def test_like_a_photo_that_is_not_indexed(indexed: Run, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), (0, 0, 99)).save(tmp_path / "navy.png")
    assert names(indexed("search", "--like", tmp_path / "navy.png", "--json", "-k", "1")) == ["blue.png"]


@pytest.mark.parametrize("command", [("search", "green"), ("list",)])
def test_json_has_the_id_by_which_the_library_knows_a_photo(indexed: Run, command: tuple[str, ...]) -> None:
    lines = [json.loads(line) for line in indexed(*command, "--json").out.splitlines()]
    with Library.open(Settings.load().library) as library:
        known = library.photos([1, 2, 3])
    assert {line["id"]: line["path"] for line in lines} == {each: known[each].paths[0] for each in (1, 2, 3)}


def test_like_something_that_is_no_photo(indexed: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a photo", encoding="utf-8")
    refused(indexed("search", "--like", tmp_path / "notes.txt"), "notes.txt", "not an image")
    refused(indexed("search", "--like", tmp_path / "none.jpg"), "none.jpg")


def test_like_a_photo_that_is_gone_but_was_indexed(indexed: Run, photos: Path) -> None:
    (photos / "red.png").unlink()
    indexed("index", photos)
    assert sorted(names(indexed("search", "--like", photos / "red.png", "--json"))) == [
        "blue.png",
        "green.png",
    ]


def test_not_puts_down_what_shows_it(indexed: Run) -> None:
    assert names(indexed("search", "red", "--json")) == ["red.png", "blue.png", "green.png"]
    # Log-odds of 4 and -4 less those of blue: red 8, green 0, blue -8.
    assert names(indexed("search", "red", "--not", "blue", "--json")) == ["red.png", "green.png", "blue.png"]


def test_not_alone_is_nothing_to_look_for(bridgelens: Run) -> None:
    refused(bridgelens("search", "--not", "snow"), "only what must not be seen")


def test_captions_count_by_their_weights(indexed: Run) -> None:
    assert names(indexed("search", "red", "--and", "3*green", "--json"))[:2] == ["green.png", "red.png"]
    assert names(indexed("search", "red", "--and", "0.3*green", "--json"))[:2] == ["red.png", "green.png"]


def test_a_weight_of_nothing_is_refused(bridgelens: Run) -> None:
    refused(bridgelens("search", "red", "--and", "0*green"), 'the weight of "green" is 0.0')


def test_a_budget_that_is_none_is_refused(bridgelens: Run) -> None:
    refused(bridgelens("search", "red", "--budget", "soon"), "--budget is 'soon'", "300ms")


def test_a_budget_that_is_over_at_once_leaves_the_order_of_the_index_and_says_so(indexed: Run) -> None:
    ran = indexed("search", "red", "--budget", "0.000001ms", "--json")
    assert names(ran)[0] == "red.png"
    assert "after 0 of the 3 nearest photos were judged" in ran.err
    assert [json.loads(line)["match_probability"] for line in ran.out.splitlines()] == [None] * 3


def test_a_budget_that_is_long_enough_says_nothing(indexed: Run) -> None:
    ran = indexed("search", "red", "--budget", "600s", "--json")
    assert "judged" not in ran.err
    assert json.loads(ran.out.splitlines()[0])["judged"] == 3


@pytest.fixture
def two_reds(indexed: Run, photos: Path) -> Run:
    """red.png has a pattern now, for its hash to be of something, and a version of half its size."""
    pattern = Image.fromarray(np.random.default_rng(0).integers(100, 255, (8, 8), np.uint8)).resize(
        (320, 240)
    )
    nothing = Image.new("L", pattern.size)
    photo = Image.merge("RGB", (pattern, nothing, nothing))
    photo.save(photos / "red.png")
    photo.resize((160, 120)).save(photos / "red again.png")
    indexed("index", photos)
    return indexed


def test_versions_of_a_photo_are_one_match(two_reds: Run, photos: Path) -> None:
    ran = two_reds("search", "red", "--json", "-k", "2")
    assert names(ran) == ["red again.png", "blue.png"]
    assert json.loads(ran.out.splitlines()[0])["folded"] == [str(photos / "red.png")]
    assert "red again.png  +1 version" in two_reds("search", "red").out


def test_unfold_shows_every_version(two_reds: Run) -> None:
    ran = two_reds("search", "red", "--json", "-k", "2", "--unfold")
    assert names(ran) == ["red again.png", "red.png"]
    assert [json.loads(line)["folded"] for line in ran.out.splitlines()] == [[], []]


def test_open_shows_the_best_photo(indexed: Run, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def launch(path: str) -> int:
        opened.append(path)
        return 0

    monkeypatch.setattr(typer, "launch", launch)
    ran = indexed("search", "green", "--open", "-k", "2")
    assert (opened, ran.err.count("viewer")) == ([str(photos / "green.png")], 0)
    monkeypatch.setattr(typer, "launch", lambda path: 1)
    ran = indexed("search", "green", "--open", "-k", "2")
    assert ran.code == 0
    assert f"warning: no viewer opened {photos}/green.png" in ran.err


@pytest.fixture
def no_green(indexed: Run, encoder: Any, photos: Path) -> Run:
    """Two photos, and a calibration that is the sigmoid of the log-odds: red 98.2%, green 1.8%, 50% asked."""
    others = ("similarity", "above_mean", "log_share", "log_size", "constant")
    encoder.calibration = {**dict.fromkeys(others, 0.0), "log_odds": 1.0, "threshold": 0.5}
    (photos / "green.png").unlink()
    indexed("index", photos)
    return indexed


def test_paths_of_what_does_not_match_are_not_handed_on(no_green: Run, photos: Path) -> None:
    assert no_green("search", "red", "--paths", "-k", "1").out == f"{photos}/red.png\n"
    for flag in ("--paths", "-0"):
        ran = no_green("search", "green", flag)
        assert (ran.code, ran.out) == (1, "")
        assert "Nothing here matches \u201cgreen\u201d. No path is printed; " in ran.err
    ran = no_green("search", "green", "--json")  # says it beside each of the nearest
    assert (len(names(ran)), json.loads(ran.out.splitlines()[0])["nothing_matches"]) == (2, True)
    ran = no_green("search", "red", "--paths", "--after", "2099")
    assert (ran.code, ran.out) == (1, "")
    assert "No photo is what the filter asks for." in ran.err


def test_open_shows_no_photo_where_nothing_matches(
    no_green: Run, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def launch(path: str) -> int:
        opened.append(path)
        return 0

    monkeypatch.setattr(typer, "launch", launch)
    ran = no_green("search", "green", "--open")
    assert (ran.code, opened) == (0, [])
    assert "warning: nothing here matches, so no photo was opened; to see the nearest, open those" in ran.err
    no_green("search", "red", "--open")
    assert opened == [str(photos / "red.png")]
