"""`bridgelens evaluate` from files to figures: with mini, and with an encoder that knows colours by name."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from search.captions import Skipped
from search.evaluation import Evaluation, Figures
from ui.errors import UiError
from ui.evaluation import StageBar, calibrated, evaluation_fields, figures_table, remarks, sizes, ways

Run = Callable[..., Any]
INTERVALS = {name: (0.0, 100.0) for name in ("recall@1", "recall@5", "recall@10", "mrr", "median_rank")}


@pytest.fixture
def colours(encoder: Any) -> Any:
    """The encoder that knows colours, as a checkpoint that cannot re-rank."""
    encoder.can_match, encoder.notice = False, None
    return encoder


@pytest.fixture
def captions(photos: Path) -> Path:
    path = photos.parent / "captions.csv"
    path.write_text("image,caption\nred.png,red\ngreen.png,green\nblue.png,red too\n", encoding="utf-8")
    return path


def figures(queries: int, found: float) -> Figures:
    summary = {"recall@1": found, "recall@5": 50.0, "recall@10": 75.0, "mrr": 0.5, "median_rank": 2.5}
    return Figures(summary, INTERVALS, queries, 0.25)


def evaluation(**changes: Any) -> Evaluation:
    values = {
        "model_name": "by-hand", "fingerprint": "ab12", "photos": 1000, "captions": 5000,
        "truncated_captions": 0, "skipped": (), "contrastive": figures(5000, 20.44),
        "contrastive_sample": figures(200, 21.0),
        "shortlists": {8: figures(200, 30.0), 32: figures(200, 40.0)}, "seconds_per_photo": 0.1,
        "calibration": None, "misses": (),
    }  # fmt: skip
    return Evaluation(**{**values, **changes})


@pytest.mark.slow
def test_mini_on_three_photos_from_files_to_json_and_report(
    bridgelens: Run, photos: Path, captions: Path, tmp_path: Path
) -> None:
    with captions.open("a", encoding="utf-8") as lines:
        lines.write("none.png,nothing\n")
    ran = bridgelens(
        "evaluate", captions, photos, "--shortlist", "1,2", "--shortlist", 100, "--json",
        "--report", tmp_path / "report.html",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert (found["model"]["name"], found["photos"], found["captions"]) == ("mini", 3, 3)
    assert found["skipped"] == [{"path": str(photos / "none.png"), "reason": "not there"}]
    assert list(found["shortlists"]) == ["1", "2", "3"]
    assert found["reranked"] == found["shortlists"]["3"]
    assert found["shortlists"]["1"]["recall@1"] == found["contrastive"]["recall@1"]
    for way in ("contrastive", "contrastive_sample", "reranked"):
        assert (found[way]["recall@5"], found[way]["queries"]) == (100.0, 3)  # there are but three photos
        assert found[way]["intervals"]["recall@5"] == [100.0, 100.0]
        assert found[way]["seconds_per_query"] > 0
    assert found["calibration"]["queries"] == sum(each["count"] for each in found["calibration"]["bins"]) == 3
    assert "warning: skipped" in ran.err
    assert "Evaluation of mini" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_similarity_alone_where_there_is_no_matching_head(
    bridgelens: Run, colours: Any, photos: Path, captions: Path
) -> None:
    ran = bridgelens("evaluate", captions, photos)
    assert ran.code == 0
    # "red too" is taken for red: its own blue photo ties with green, which counts against it. Ranks 1, 1, 3.
    rows = [line.split()[:6] for line in ran.out.splitlines() if "similarity" in line]
    assert rows == [["similarity", "66.7", "100.0", "100.0", "0.778", "1"]]
    assert "no trained image-text-matching head: nothing was re-ranked" in ran.err
    found = json.loads(bridgelens("evaluate", captions, photos, "--json").out)
    assert (found["reranked"], found["shortlists"], found["calibration"]) == (None, {}, None)
    assert [(miss["caption"], miss["rank"]) for miss in found["misses"]] == [("red too", 3)]


@pytest.mark.parametrize("two_folders", [False, True])
def test_sidecars(bridgelens: Run, colours: Any, photos: Path, tmp_path: Path, two_folders: bool) -> None:
    texts = tmp_path / "texts" if two_folders else photos
    texts.mkdir(exist_ok=True)
    (texts / "red.txt").write_text("red\na red square\n", encoding="utf-8")
    (texts / "blue.txt").write_text("blue\n", encoding="utf-8")
    arguments = (texts, photos) if two_folders else (photos,)
    found = json.loads(bridgelens("evaluate", *arguments, "--json").out)
    assert (found["photos"], found["captions"], found["contrastive"]["recall@1"]) == (2, 3, 100.0)


def test_a_damaged_photo_never_stops_the_run(
    bridgelens: Run, colours: Any, photos: Path, captions: Path
) -> None:
    (photos / "red.png").write_bytes(b"")
    ran = bridgelens("evaluate", captions, photos, "--json")
    assert ran.code == 0
    assert json.loads(ran.out)["skipped"] == [
        {"path": str(photos / "red.png"), "reason": "empty file: 0 bytes"}
    ]


def test_a_report_that_cannot_be_written_is_said_after_the_figures(
    bridgelens: Run,
    colours: Any,
    photos: Path,
    captions: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = tmp_path / "reports"
    place.mkdir()
    embed = colours.embed_images

    def embed_and_unplug(pixels: Any) -> Any:
        place.rmdir()
        return embed(pixels)

    monkeypatch.setattr(colours, "embed_images", embed_and_unplug)
    ran = bridgelens("evaluate", captions, photos, "--json", "--report", place / "report.html")
    assert ran.code == 2
    assert json.loads(ran.out)["photos"] == 3
    assert ran.err.splitlines()[-1].startswith(
        f"error: --report {place / 'report.html'}: the figures are printed"
    )


def test_ctrl_c_leaves_no_trace(
    bridgelens: Run,
    colours: Any,
    photos: Path,
    captions: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(pixels: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(colours, "embed_images", interrupt)
    before = sorted(tmp_path.iterdir())
    ran = bridgelens("evaluate", captions, photos, "--report", tmp_path / "report.html")
    assert (ran.code, ran.out, ran.err) == (130, "", "")
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("{csv}",), ["bridgelens evaluate {csv} PHOTOS/"]),
        (("{csv}", "{photos}/none"), ["none", "expected a folder of photos"]),
        (("{photos}/none.csv", "{photos}"), ["none.csv", "bridgelens evaluate CAPTIONS.csv PHOTOS/"]),
        (("{photos}/red.png", "{photos}"), ["red.png", "UTF-8"]),
        (("{photos}",), ["cat.txt for cat.jpg", "bridgelens evaluate --help"]),
        (("{csv}", "{photos}", "--shortlist", "8,x"), ["8,x", "--shortlist 8,32,100"]),
        (("{csv}", "{photos}", "--shortlist", "0"), ["below 1"]),
        (("{csv}", "{photos}", "--report", "{photos}"), ["found a folder", "report.html"]),
        (("{csv}", "{photos}", "--report", "{photos}/none/r.html"), ["its folder is not there"]),
    ],
)
def test_what_cannot_be_measured_is_refused_on_one_line(
    bridgelens: Run, photos: Path, captions: Path, words: tuple[str, ...], answer: list[str]
) -> None:
    names = {"csv": captions, "photos": photos}
    ran = bridgelens("evaluate", *(word.format(**names) for word in words))
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith("error: ")
    for word in answer:
        assert word.format(**names) in ran.err


def test_a_bad_header_is_refused_with_the_one_expected(bridgelens: Run, photos: Path, captions: Path) -> None:
    captions.write_text("file,text\nred.png,red\n", encoding="utf-8")
    ran = bridgelens("evaluate", captions, photos)
    assert (ran.code, ran.out) == (2, "")
    assert "expected a CSV file with the header image,caption; found 'file,text'" in ran.err


def test_shortlists_are_typed_in_either_way() -> None:
    assert sizes(["32, 8", "8", "100,"]) == (8, 32, 100)
    with pytest.raises(UiError, match="expected whole numbers"):
        sizes(["8;16"])


def test_every_way_says_of_which_captions_it_is() -> None:
    assert [(way, of) for way, of, _ in ways(evaluation())] == [
        ("similarity", "5,000 captions"), ("similarity", "200 of them"),
        ("re-ranked 8", "the same 200"), ("re-ranked 32", "the same 200"),
    ]  # fmt: skip
    of_all = evaluation(captions=200, contrastive=figures(200, 21.0))
    assert [way for way, _, _ in ways(of_all)] == ["similarity", "re-ranked 8", "re-ranked 32"]


def test_the_table_fits_eighty_columns_with_intervals_below() -> None:
    stream = io.StringIO()
    Console(file=stream, width=80, color_system=None).print(figures_table(evaluation()))
    lines = [line.split() for line in stream.getvalue().splitlines()]
    assert ["similarity", "20.4", "50.0", "75.0", "0.500", "2.5", "0.250"] in lines
    assert ["5,000", "captions", "0–100", "0–100", "0–100", "0.00–100.00", "0–100"] in lines
    assert "…" not in stream.getvalue()


def test_the_longest_shortlist_is_reranked_in_json() -> None:
    found = evaluation_fields(evaluation())
    assert (found["reranked"]["recall@1"], found["contrastive"]["recall@1"]) == (40.0, 20.44)
    assert found["contrastive_sample"]["queries"] == 200


def test_many_skipped_photos_are_counted() -> None:
    skipped = tuple(Skipped(f"{number}.jpg", "damaged") for number in range(7))
    lines = remarks(evaluation(skipped=skipped, truncated_captions=2))
    assert lines[:2] == ["skipped 0.jpg: damaged", "skipped 1.jpg: damaged"]
    assert lines[5:] == [
        "7 skipped in all; --json and --report list them.",
        "2 captions are longer than the model reads; their ends were left out.",
    ]


def test_the_bar_begins_anew_with_each_stage() -> None:
    stream = io.StringIO()
    with StageBar(Console(file=stream, force_terminal=True, width=100, color_system=None)) as bar:
        bar.show("Embedding photos", 32, 64)
        bar.show("Re-ranking", 5, 900)
    assert "5/900" in stream.getvalue()
    assert "Re-ranking" in stream.getvalue()


def test_a_checkpoints_own_calibration_is_taken(encoder: Any) -> None:
    import numpy as np

    assert calibrated(encoder) is None
    names = ("similarity", "log_odds", "above_mean", "log_share", "log_size", "constant", "threshold")
    encoder.calibration = {name: float(name == "log_odds") for name in names}
    probability = calibrated(encoder)
    assert probability is not None
    assert probability(np.zeros(2, np.float32), np.array([0, 5], np.float32)) == 0.5  # the first photo's
