"""Every command and every refusal, with photos of one colour and an encoder that knows colours by name."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ui.cli import app
from ui.help_panels import name_of
from ui.own_version import own_version

COMMANDS = [name_of(command) for command in app.registered_commands]
ROOT = Path(__file__).resolve().parents[2]
IMPORTS = """
import sys
from ui.cli import main
sys.argv = ["bridgelens", *sys.argv[1:]]
try:
    main()
finally:
    heavy = {"torch", "transformers", "faiss", "streamlit", "sqlalchemy", "PIL"}
    print("HEAVY", sorted(heavy & set(sys.modules)))
"""
Run = Callable[..., Any]


@pytest.mark.parametrize("arguments", [["--help"], ["search", "--help"], ["--version"]])
def test_help_is_light(arguments: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", IMPORTS, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines()[-1] == "HEAVY []"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(bridgelens: Run, command: str) -> None:
    assert command in bridgelens("--help").out
    ran = bridgelens(command, "--help")
    assert ran.code == 0
    (usage,) = (line for line in ran.out.splitlines() if "Usage: " in line)
    assert usage.strip().startswith(f"Usage: bridgelens {command} [OPTIONS]")
    assert "[[" not in usage and "{[" not in usage  # Typer adds the brackets itself


def test_help_shows_examples_one_a_line(bridgelens: Run) -> None:
    lines = [line.strip() for line in bridgelens("search", "--help").out.splitlines()]
    assert 'bridgelens search "a child on a swing" -k 20' in lines


def test_version(bridgelens: Run) -> None:
    assert bridgelens("--version").out == f"bridgelens {own_version()}\n"


def test_index_says_what_it_did_and_what_to_do(bridgelens: Run, encoder: object, photos: Path) -> None:
    (photos / "bad.jpg").write_bytes(b"not a photo at all")
    ran = bridgelens("index", photos)
    assert ran.code == 0
    assert "3 added" in ran.out
    assert "1 failed" in ran.out
    assert "bad.jpg: not an image" in ran.out
    assert "bridgelens failures" in ran.out
    again = bridgelens("index", photos)
    assert "0 added" in again.out
    assert "3 unchanged" in again.out


def test_index_counts_moved_missing_and_copies(indexed: Run, photos: Path) -> None:
    (photos / "red.png").rename(photos / "rot.png")
    (photos / "blue.png").unlink()
    (photos / "green copy.png").write_bytes((photos / "green.png").read_bytes())
    counts = json.loads(indexed("index", photos, "--json").out)
    names = ("added", "moved", "missing", "copies", "unchanged", "failed", "interrupted")
    assert [counts[name] for name in names] == [0, 1, 1, 1, 1, 0, False]


def test_interrupt_finishes_the_batch_and_the_same_command_goes_on(
    bridgelens: Run, encoder: Any, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed = encoder.embed_images

    def embed_and_interrupt(pixels: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return embed(pixels)

    monkeypatch.setattr(encoder, "embed_images", embed_and_interrupt)
    ran = bridgelens("index", photos, "--batch-size", "1")
    assert ran.code == 130
    assert "1 added" in ran.out
    assert "interrupted; run the same command to go on" in ran.out
    monkeypatch.setattr(encoder, "embed_images", embed)
    again = bridgelens("index", photos, "--batch-size", "1")
    assert again.code == 0
    assert "2 added" in again.out
    assert "1 unchanged" in again.out


def test_search_shows_both_scores_best_first(indexed: Run) -> None:
    ran = indexed("search", "a red square")
    rows = [line.split() for line in ran.out.splitlines() if ".png" in line]
    assert rows[0][:3] == ["1", "98.2%", "1.000"]
    assert rows[0][3].endswith("red.png")
    assert [row[1:3] for row in rows[1:]] == [["1.8%", "0.000"], ["1.8%", "0.000"]]
    assert "colours knows red, green and blue" in ran.err


def test_search_json_is_one_object_a_line(indexed: Run, photos: Path) -> None:
    lines = indexed("search", "green", "--json", "-k", "2").out.splitlines()
    assert len(lines) == 2
    first = json.loads(lines[0])
    assert first["path"] == str(photos / "green.png")
    assert (first["rank"], first["similarity"], first["width"], first["height"]) == (1, 1.0, 40, 30)
    assert first["match_probability"] == pytest.approx(0.98201, abs=1e-5)
    assert (first["copies"], first["taken_at"]) == ([], None)


def test_search_without_rerank_has_no_match(indexed: Run) -> None:
    first = json.loads(indexed("search", "green", "--json", "--no-rerank").out.splitlines()[0])
    assert first["match_probability"] is None


def test_k_beyond_the_shortlist_is_filled_up_unjudged(indexed: Run) -> None:
    lines = indexed("search", "green", "--json", "-k", "3", "--shortlist", "1").out.splitlines()
    assert [json.loads(line)["match_probability"] is None for line in lines] == [False, True, True]


@pytest.mark.parametrize(("flag", "end"), [("--paths", "\n"), ("--null", "\0")])
def test_paths_for_pipes(indexed: Run, photos: Path, flag: str, end: str) -> None:
    assert indexed("search", "blue", flag, "-k", "1").out == str(photos / "blue.png") + end


def test_long_caption_is_read_as_far_as_it_goes(indexed: Run) -> None:
    ran = indexed("search", "red " * 11)
    assert ran.code == 0
    assert "warning: the caption is longer than the model reads" in ran.err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such file names")
def test_hostile_file_names_are_shown_as_text(bridgelens: Run, encoder: object, photos: Path) -> None:
    (photos / "red.png").rename(photos / "[red]x\x1b[2J\n.png")
    bridgelens("index", photos)
    ran = bridgelens("search", "red", "-k", "1")
    assert "[red]x\\x1b[2J\\n.png" in ran.out
    assert "\x1b[2J" not in ran.out
    assert bridgelens("search", "red", "-k", "1", "-0").out == str(photos / "[red]x\x1b[2J\n.png") + "\0"


def test_score_puts_the_best_caption_first(bridgelens: Run, encoder: object, photos: Path) -> None:
    lines = bridgelens("score", photos / "red.png", "a green one", "a red one", "--json").out.splitlines()
    scores = [json.loads(line) for line in lines]
    assert [score["caption"] for score in scores] == ["a red one", "a green one"]
    assert [score["similarity"] for score in scores] == [1.0, 0.0]
    table = bridgelens("score", photos / "red.png", "a green one", "a red one").out
    assert [line.split() for line in table.splitlines() if "one" in line] == [
        ["98.2%", "1.000", "a", "red", "one"],
        ["1.8%", "0.000", "a", "green", "one"],
    ]


def test_fill(bridgelens: Run, encoder: object, photos: Path) -> None:
    lines = bridgelens("fill", photos / "blue.png", "a <mask> square", "-k", "2", "--json").out.splitlines()
    assert json.loads(lines[0]) == {"word": "blue", "probability": 1.0}
    assert len(lines) == 2
    assert "100.0%   blue" in bridgelens("fill", photos / "blue.png", "a <mask> square").out


def test_status_and_failures_of_a_good_library(indexed: Run, photos: Path, tmp_path: Path) -> None:
    ran = indexed("status")
    assert "3 in 3 files" in ran.out
    assert "colours: 3 photos embedded" in ran.out
    assert json.loads(indexed("status", "--json").out)["roots"] == [str(photos)]
    assert indexed("failures").out == "No failures.\n"
    assert indexed("failures", "--json").out == ""


def test_failures_names_each_file_and_reason(bridgelens: Run, encoder: object, photos: Path) -> None:
    (photos / "bad.jpg").write_bytes(b"")
    bridgelens("index", photos)
    assert "empty file" in bridgelens("failures").out
    failure = json.loads(bridgelens("failures", "--json").out)
    assert (failure["path"], failure["reason"]) == (str(photos / "bad.jpg"), "empty file: 0 bytes")


def test_unknown_command_suggests_the_right_one(bridgelens: Run) -> None:
    ran = bridgelens("serch", "a dog")
    assert ran.code == 2
    assert "'search'" in ran.err


def test_nothing_matches_is_said_on_stderr_and_in_json(
    bridgelens: Callable[..., Any], encoder: Any, photos: Path
) -> None:
    names = ("similarity", "log_odds", "above_mean", "log_share", "log_size", "constant")
    encoder.calibration = {**dict.fromkeys(names, 0.0), "log_odds": 1.0, "threshold": 0.5}
    (photos / "green.png").unlink()
    bridgelens("index", photos)
    ran = bridgelens("search", "green", "--json")
    assert "Nothing here matches \u201cgreen\u201d. The nearest photos:" in ran.err
    assert [json.loads(line)["nothing_matches"] for line in ran.out.splitlines()] == [True, True]
    ran = bridgelens("search", "red", "--json")
    assert "Nothing here matches" not in ran.err
    first = json.loads(ran.out.splitlines()[0])
    assert (first["nothing_matches"], first["calibrated"]) == (False, True)
    assert first["match_probability"] == pytest.approx(0.9820138)  # the sigmoid of 4
