"""The journal: one JSON line an event, and a second run goes on in the same file."""

from __future__ import annotations

import json
from pathlib import Path

from training.journal import Journal


def test_events_of_two_runs_follow_each_other(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    Journal(path).write(stage="vision", step=1, dev={"recall@1": 12.5})
    Journal(path).write(stage="vision", step=2)
    first, second = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    assert first["seconds"] >= 0
    assert (first["stage"], first["step"], first["dev"]) == ("vision", 1, {"recall@1": 12.5})
    assert second["step"] == 2


def test_a_journal_without_events_has_no_file(tmp_path: Path) -> None:
    Journal(tmp_path / "journal.jsonl")
    assert not (tmp_path / "journal.jsonl").exists()
