"""The real command with mini, on the whole way from folders to results."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
Ran = subprocess.CompletedProcess[str]
Command = Callable[..., Ran]


def refused(ran: Ran, *words: str) -> None:
    """One line on stderr with these words, nothing on stdout, exit code 2."""
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("error: ")
    assert ran.stderr.count("\n") == 1
    for word in words:
        assert word in ran.stderr


def test_index_names_the_damaged_file_and_goes_on(index_run: Ran) -> None:
    assert index_run.returncode == 0
    assert "15 added" in index_run.stdout
    assert "1 failed" in index_run.stdout
    assert "damaged.jpg" in index_run.stdout


def test_second_index_run_reads_nothing_again(bridgelens_here: Command, index_run: Ran, photos: Path) -> None:
    ran = bridgelens_here("index", photos, "--json")
    counts = json.loads(ran.stdout)
    assert ran.returncode == 0
    assert (counts["added"], counts["embedded"], counts["unchanged"], counts["failed"]) == (0, 0, 15, 1)


@pytest.mark.parametrize(
    ("caption", "expected"), [("a red motorcycle", ("motorcycle_left.png", "motorcycle_right.png"))]
)
def test_search_finds_the_photo(
    bridgelens: Command, index_run: Ran, photos: Path, caption: str, expected: tuple[str, ...]
) -> None:
    ran = bridgelens("search", caption, "--json", "-k", "3")
    matches = [json.loads(line) for line in ran.stdout.splitlines()]
    assert ran.returncode == 0
    assert [match["rank"] for match in matches] == [1, 2, 3]
    assert matches[0]["path"] in [str(photos / name) for name in expected]
    assert all(0 <= match["match_probability"] <= 1 for match in matches)
    assert all(-1 <= match["similarity"] <= 1 for match in matches)


def test_fast_compares_the_same_photos_and_judges_them_otherwise(
    bridgelens_here: Command, index_run: Ran, photos: Path
) -> None:
    exact, fast = (
        {
            match["path"]: match
            for match in map(json.loads, bridgelens_here("search", *asked).stdout.splitlines())
        }
        for asked in (("a red motorcycle", "--json"), ("a red motorcycle", "--json", "--fast"))
    )
    assert fast.keys() == exact.keys()
    assert all(fast[path]["similarity"] == exact[path]["similarity"] for path in exact)
    assert any(fast[path]["match_probability"] != exact[path]["match_probability"] for path in exact)


def test_score_prefers_the_true_caption(bridgelens_here: Command, photos: Path) -> None:
    captions = ["two dogs playing in the snow", "a red motorcycle"]
    ran = bridgelens_here("score", photos / "motorcycle_left.png", *captions, "--json")
    scores = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [score["caption"] for score in scores] == ["a red motorcycle", "two dogs playing in the snow"]
    assert scores[0]["match_probability"] > scores[1]["match_probability"]


def test_fill_gives_words_by_probability(bridgelens_here: Command, photos: Path) -> None:
    ran = bridgelens_here(
        "fill", photos / "motorcycle_left.png", "a red <mask> in a garage", "-k", "4", "--json"
    )
    fillings = [json.loads(line) for line in ran.stdout.splitlines()]
    chances = [filling["probability"] for filling in fillings]
    assert len(fillings) == 4
    assert chances == sorted(chances, reverse=True)
    assert all(filling["word"] for filling in fillings)


def test_status_and_failures(bridgelens_here: Command, index_run: Ran, photos: Path) -> None:
    status = json.loads(bridgelens_here("status", "--json").stdout)
    assert (status["photos"], status["files"], status["failures"]) == (15, 15, 1)
    assert status["roots"] == [str(photos)]
    failure = json.loads(bridgelens_here("failures", "--json").stdout)
    assert failure["path"] == str(photos / "damaged.jpg")
    assert failure["reason"].startswith("not an image")


def test_a_library_is_backed_up_brought_back_elsewhere_and_in_order(
    bridgelens_here: Command, index_run: Ran, photos: Path, tmp_path: Path
) -> None:
    backup, new = tmp_path / "backup.sqlite", tmp_path / "new"
    assert json.loads(bridgelens_here("backup", backup, "--json").stdout)["photos"] == 15
    assert json.loads(bridgelens_here("restore", backup, "--library", new, "--json").stdout)["photos"] == 15
    examined = bridgelens_here("doctor", "--library", new)
    assert (examined.returncode, examined.stdout.splitlines()[-1]) == (0, "All is well.")
    query = ("search", "a red motorcycle", "--paths", "-k", "2", "--no-rerank")
    found = bridgelens_here(*query, "--library", new).stdout
    assert found == bridgelens_here(*query).stdout
    assert len(found.splitlines()) == 2


def test_a_reader_that_leaves_early_is_no_error(
    command_line: list[str], environment: dict[str, str], index_run: Ran
) -> None:
    """`bridgelens failures --json | head -0`: the pipe is closed before anything is written."""
    with subprocess.Popen(
        [*command_line, "failures", "--json"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    ) as child:  # fmt: skip
        assert child.stdout is not None and child.stderr is not None
        child.stdout.close()
        assert child.stderr.read() == ""


def test_bad_input_is_refused_in_one_line(
    bridgelens: Command, bridgelens_here: Command, index_run: Ran, tmp_path: Path
) -> None:
    refused(bridgelens("index", tmp_path / "none"), "none", "bridgelens index")
    refused(bridgelens_here("search", " "), "caption is empty")
    refused(bridgelens_here("search", "a dog", "--library", tmp_path / "library"), "bridgelens index")
    refused(bridgelens_here("score", tmp_path / "none.jpg", "a dog"), "none.jpg")


def test_unknown_checkpoint_without_a_network(bridgelens_here: Command, photos: Path, tmp_path: Path) -> None:
    ran = bridgelens_here("index", photos, "--model", "no/such-checkpoint", "--library", tmp_path / "library")
    refused(ran, "no/such-checkpoint", "--model mini")


def test_overlong_caption_is_read_as_far_as_it_goes(bridgelens_here: Command, index_run: Ran) -> None:
    ran = bridgelens_here("search", "a red motorcycle " * 300, "--json", "-k", "1")
    assert ran.returncode == 0
    assert "the caption is longer than the model reads" in ran.stderr
    assert len(ran.stdout.splitlines()) == 1
