"""Failures listed, chosen, counted and tried again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

Run = Callable[..., Any]


@pytest.fixture
def failing(bridgelens: Run, encoder: Any, photos: Path) -> Run:
    """The command, with three photos indexed and four files that could not be."""
    encoder.notice = None
    (photos / "old").mkdir()
    whole = (photos / "red.png").read_bytes()
    (photos / "old" / "cut.jpg").write_bytes(whole[:60])
    (photos / "empty.jpg").touch()
    for name in ("text.jpg", "words.jpg"):
        (photos / name).write_text("hello")
    assert bridgelens("index", photos).code == 0
    return bridgelens


def names(ran: Any) -> list[str]:
    return [Path(json.loads(line)["path"]).name for line in ran.out.splitlines()]


def test_the_summary_of_a_run_groups_them(failing: Run, photos: Path) -> None:
    ran = failing("index", photos)
    (line,) = (line for line in ran.out.splitlines() if " failed " in line)
    assert "4 failed" in line
    assert line.split("could not be read: ")[1].split(", ")[0] == "2 not an image"
    kinds = json.loads(failing("index", photos, "--json").out)["failure_kinds"]
    assert kinds["not an image"] == 2
    assert sum(kinds.values()) == 4


def test_they_are_chosen_by_folder_kind_and_reason(failing: Run, photos: Path) -> None:
    assert names(failing("failures", "--json")) == ["empty.jpg", "cut.jpg", "text.jpg", "words.jpg"]
    assert names(failing("failures", photos / "old", "--json")) == ["cut.jpg"]
    assert names(failing("failures", "--kind", "not", "--json")) == ["text.jpg", "words.jpg"]
    assert names(failing("failures", "--reason", "File: 0 bytes", "--json")) == ["empty.jpg"]
    assert failing("failures", photos / "old", "--kind", "empty").out == "No failures.\n"
    assert json.loads(failing("failures", "--kind", "empty", "--json").out)["kind"] == "empty file"


def test_they_are_counted(failing: Run) -> None:
    lines = [json.loads(line) for line in failing("failures", "--count", "--json").out.splitlines()]
    assert lines[0] == {"kind": "not an image", "count": 2}
    assert sum(line["count"] for line in lines) == 4
    assert failing("failures", "--count").out.split("\n")[0].split() == ["2", "not", "an", "image"]
    assert failing("failures", "--count", "--kind", "none").out == "No failures.\n"


def test_they_are_tried_again(failing: Run, photos: Path) -> None:
    Image.new("RGB", (40, 30), "yellow").save(photos / "text.jpg")
    (photos / "words.jpg").unlink()
    ran = failing("failures", "--retry")
    assert ran.code == 0
    assert [line.split()[0] for line in ran.out.splitlines()[:4]] == ["Of", "1", "1", "2"]
    assert "Of 4 that could not be read:" in ran.out
    assert "empty file: 0 bytes" in ran.out
    assert names(failing("failures", "--json")) == ["empty.jpg", "cut.jpg"]
    assert json.loads(failing("status", "--json").out)["photos"] == 4
    fields = json.loads(failing("failures", photos / "old", "--retry", "--json").out)
    assert (fields["indexed"], fields["failed"], fields["interrupted"]) == (0, 1, False)


def test_nothing_to_try_again_loads_no_model(
    indexed: Run, encoder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.compose.load_model", None)
    assert indexed("failures", "--retry").out == "No failures.\n"
