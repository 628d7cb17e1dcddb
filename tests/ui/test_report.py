"""The page of an evaluation: whole, harmless, and complete in one file."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from search.calibration_error import Bin
from search.captions import Skipped
from search.evaluation import Calibrated, Evaluation, Figures, Miss
from ui.compose import load_photo
from ui.errors import UiError
from ui.report import EDGE, refuse_no_place, reliability_plot, report_page, write_report

ATTACK = "<img src=x onerror=alert(1)>"
NAMES = ("recall@1", "recall@5", "recall@10", "mrr", "median_rank")


class Tags(HTMLParser):
    """Every tag of a page with its attributes, as a browser would see them, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def evaluation(**changes: Any) -> Evaluation:
    figures = Figures(dict.fromkeys(NAMES, 12.5), dict.fromkeys(NAMES, (10.0, 15.0)), 40, 0.5)
    values = {
        "model_name": "by-hand", "fingerprint": "ab12", "photos": 10, "captions": 40, "truncated_captions": 0,
        "skipped": (), "contrastive": figures, "contrastive_sample": figures, "shortlists": {8: figures},
        "seconds_per_photo": 0.1, "calibration": None, "misses": (),
    }  # fmt: skip
    return Evaluation(**{**values, **changes})


@pytest.fixture
def photo(tmp_path: Path) -> str:
    path = tmp_path / "wide.png"
    Image.new("RGB", (960, 480), "red").save(path)
    return str(path)


def test_captions_names_and_reasons_are_text_whatever_they_hold(photo: str) -> None:
    miss = Miss(ATTACK, f"{ATTACK}.png", 7, (photo,))
    page = report_page(
        evaluation(misses=(miss,), skipped=(Skipped(ATTACK, '"><script>'),), model_name=ATTACK), load_photo
    )
    seen = Tags(page)
    assert "onerror=alert" not in re.sub(r"&lt;img src=x onerror=alert\(1\)&gt;", "", page)
    assert seen.words.count(ATTACK) >= 4
    assert not {"script", "iframe", "link"} & {tag for tag, _ in seen.tags}
    assert all("onerror" not in attributes for _, attributes in seen.tags)


def test_the_page_needs_no_other_file(photo: str) -> None:
    seen = Tags(report_page(evaluation(misses=(Miss("a wall", photo, 2, (photo,)),)), load_photo))
    pictures = [attributes["src"] for tag, attributes in seen.tags if tag == "img"]
    assert len(pictures) == 2
    head, content = str(pictures[0]).split(",")
    assert head == "data:image/jpeg;base64"
    thumbnail = Image.open(io.BytesIO(base64.b64decode(content)))
    assert (thumbnail.format, thumbnail.size) == ("JPEG", (EDGE, EDGE // 2))
    assert not any("href" in attributes for _, attributes in seen.tags)


def test_a_miss_shows_its_own_photo_and_rank_and_what_was_first(photo: str) -> None:
    words = Tags(report_page(evaluation(misses=(Miss("a wall", photo, 1234, (photo,)),)), load_photo)).words
    assert "a wall" in words
    assert "its own photo, rank 1,234wide.png" in words
    assert "rank 1wide.png" in words


def test_a_photo_that_is_gone_leaves_its_reason(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone.png")
    seen = Tags(report_page(evaluation(misses=(Miss("a wall", gone, 2, ()),)), load_photo))
    assert f"{gone}: " in seen.words
    assert "img" not in [tag for tag, _ in seen.tags]


def test_figures_have_their_intervals() -> None:
    words = Tags(report_page(evaluation(), load_photo)).words
    assert "12.510–15" in words
    assert "re-ranked 8" in words
    assert "Calibration" not in words


def test_a_dot_stands_at_predicted_and_observed(photo: str) -> None:
    bins = (Bin(0.25, 0.5, 1), Bin(1.0, 1.0, 4))
    dots = [attributes for tag, attributes in Tags(reliability_plot(bins)).tags if tag == "circle"]
    assert [(dot["cx"], dot["cy"]) for dot in dots] == [("75.0", "150.0"), ("300.0", "0.0")]
    assert [dot["r"] for dot in dots] == ["8.5", "14.0"]
    calibration = Calibrated("ITM probability, uncalibrated", 0.0625, bins, 5)
    words = Tags(report_page(evaluation(calibration=calibration), load_photo)).words
    assert "error of the first photo: 0.062 (ITM probability, uncalibrated, 5 captions)" in words


def test_a_report_replaces_the_one_before_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_report(path, "first")
    write_report(path, "sécond \ufffd")
    assert path.read_text(encoding="utf-8") == "sécond \ufffd"
    assert list(tmp_path.iterdir()) == [path]


def test_a_report_that_cannot_be_put_in_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    with pytest.raises(UiError, match="could not be written"):
        write_report(tmp_path / "report.html", "page")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_report_needs_a_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refuse_no_place(Path("report.html"))
    with pytest.raises(UiError, match="found a folder"):
        refuse_no_place(tmp_path)
    with pytest.raises(UiError, match="its folder is not there"):
        refuse_no_place(Path("none") / "report.html")
