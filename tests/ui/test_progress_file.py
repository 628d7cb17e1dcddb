"""How far a run is, written for another program to read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from indexer.report import Progress
from ui.progress_file import PAUSE_S, ProgressFile, read_json, read_progress, write_json


def step(done: int) -> Progress:
    return Progress(total=3, done=done, failed=0, photos_per_second=2.0, seconds_left=1.0)


def test_steps_are_noted_with_a_pause_and_the_last_always(tmp_path: Path) -> None:
    now = [0.0]
    file = ProgressFile(tmp_path / "p.json", clock=lambda: now[0])
    file.write(step(0))
    file.write(step(1))
    assert read_progress(tmp_path / "p.json") == step(0), "1 came before the pause was over"
    now[0] = PAUSE_S
    file.write(step(2))
    assert read_progress(tmp_path / "p.json") == step(2)
    file.write(step(3))
    assert read_progress(tmp_path / "p.json") == step(3)


def test_a_file_that_cannot_be_written_stops_no_run(tmp_path: Path) -> None:
    ProgressFile(tmp_path / "not there" / "p.json").write(step(0))
    assert read_progress(tmp_path / "not there" / "p.json") is None


def test_what_is_no_progress_reads_as_none(tmp_path: Path) -> None:
    for text in ("", "[1]", "{", '{"done": 1}'):
        (tmp_path / "p.json").write_text(text)
        assert read_progress(tmp_path / "p.json") is None


def test_json_is_replaced_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"a": 1})
    write_json(tmp_path / "a.json", {"b": 2})
    assert read_json(tmp_path / "a.json") == {"b": 2}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_commands_keep_one_when_they_are_told_to(
    bridgelens: Callable[..., Any], encoder: object, photos: Path, tmp_path: Path
) -> None:
    (photos / "damaged.png").write_bytes(b"no photo")
    assert bridgelens("index", photos, "--progress", tmp_path / "index.json").code == 0
    found = read_progress(tmp_path / "index.json")
    assert found is not None and (found.total, found.done, found.failed) == (4, 4, 1)
    assert bridgelens("failures", "--retry", "--progress", tmp_path / "retry.json").code == 0
    found = read_progress(tmp_path / "retry.json")
    assert found is not None and (found.total, found.done) == (1, 1)
