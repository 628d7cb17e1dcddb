"""Recall of a checkpoint: the captions it is measured on, the shortlists, and the whole on four photos."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import recall
from benchmarks.recall import Floats, read_captions, rerank_rows, row
from model.bridgetower import BridgeTower
from search.evaluate import ranks
from search.evaluate import recall as recall_of

CAPTIONS = ["a dog", "snow", "two red boats", "grass", "a cat"]
OWNER = np.array([0, 1, 2, 3, 3])


@pytest.fixture(scope="module")
def pixels() -> Floats:
    return np.random.default_rng(0).standard_normal((4, 3, 64, 64), dtype=np.float32)


@pytest.fixture(scope="module")
def similarity(model: BridgeTower, pixels: Floats) -> Floats:
    return model.embed_captions(CAPTIONS) @ model.embed_images(pixels).T


def test_captions_name_their_photo(captioned: Path) -> None:
    names, captions, owner = read_captions(captioned / "dev.csv", limit=None)
    assert names == ["red.png", "green.png", "blue.png", "grey.png"]
    assert captions[:2] == ["all red, and nothing else", "a red wall"]
    assert owner.tolist() == [0, 0, 1, 2, 3]


def test_a_limit_counts_photos_not_captions(captioned: Path) -> None:
    names, captions, owner = read_captions(captioned / "dev.csv", limit=2)
    assert names == ["red.png", "green.png"]
    assert captions == ["all red, and nothing else", "a red wall", "a green wall"]
    assert owner.tolist() == [0, 0, 1]


def test_a_row_shows_percent_and_milliseconds() -> None:
    assert row("re-ranked 8", 5, {"recall@1": 100 / 3}, 12.6) == {
        "way": "re-ranked 8",
        "captions": 5,
        "recall@1": "33.33",
        "warm ms": "13",
    }


def test_a_shortlist_is_never_longer_than_the_photos(
    model: BridgeTower, pixels: Floats, similarity: Floats
) -> None:
    rows = rerank_rows(model, pixels, CAPTIONS, similarity, OWNER, [100, 1, 4, 8])
    assert [each["way"] for each in rows] == ["contrastive, same captions", "re-ranked 1", "re-ranked 4"]
    assert {each["captions"] for each in rows} == {5}


def test_a_shortlist_of_one_changes_nothing_and_one_of_all_ranks_by_matching(
    model: BridgeTower, pixels: Floats, similarity: Floats
) -> None:
    alone, of_one, of_all = rerank_rows(model, pixels, CAPTIONS, similarity, OWNER, [1, 4])
    matched = recall_of(ranks(model.match(pixels, CAPTIONS).T, OWNER))
    for name, value in matched.items():
        assert of_one[name] == alone[name]
        assert of_all[name] == f"{value:.2f}"


def test_four_photos_from_files_to_json(
    captioned: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = {"--captions": captioned / "dev.csv", "--photos": captioned / "dev", "--model": checkpoint,
                 "--queries": 3, "--shortlists": 2, "--json": captioned / "out.json"}  # fmt: skip
    flags = [str(word) for pair in arguments.items() for word in pair]
    monkeypatch.setattr(sys, "argv", ["recall", *flags])
    recall.main()
    answer = json.loads((captioned / "out.json").read_text(encoding="utf-8"))
    counted = [(each["way"], each["captions"]) for each in answer["rows"]]
    assert counted == [("contrastive", 5), ("contrastive, same captions", 3), ("re-ranked 2", 3)]
    assert {each["recall@5"] for each in answer["rows"]} == {"100.00"}  # there are but four photos
    assert "dev.csv" in capsys.readouterr().out
