"""A benchmark's answer: numbers with three digits that count, the table, and the same as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.report import Row, arguments, report, shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0012345, "0.00123"),
        (1.0, "1"),
        (12.345, "12.3"),
        (999.4, "999"),
        (999.6, "1000"),
        (12345.6, "12346"),
        (-1234.5678, "-1235"),
        (12345, "12345"),
        ("base", "base"),
    ],
)
def test_three_digits_count(value: object, text: str) -> None:
    assert shown(value) == text


def test_the_table_and_the_json_say_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[Row] = [{"way": "theirs", "seconds": 2.0}, {"way": "ours [new]", "seconds": 0.51234}]
    report("A title", rows, ["a note [of two]"], tmp_path / "answer.json")
    printed = capsys.readouterr().out
    assert "A title" in printed and "a note [of two]" in printed
    assert "ours [new]" in printed and "0.512" in printed
    answer = json.loads((tmp_path / "answer.json").read_text(encoding="utf-8"))
    assert (answer["title"], answer["rows"], answer["notes"]) == ("A title", rows, ["a note [of two]"])
    assert answer["hardware"]["torch"] in printed


def test_json_is_written_where_it_is_asked_for() -> None:
    parser = arguments("What it measures")
    assert parser.parse_args([]).json is None
    assert parser.parse_args(["--json", "out.json"]).json == Path("out.json")
