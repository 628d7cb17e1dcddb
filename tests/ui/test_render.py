"""What people and programs read: nothing in a file name or caption may act on the terminal."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from search.query import Match, Query, Results
from search.score import Score
from storage.records import Failure
from ui import render


def shown(table: RenderableType, *, terminal: bool = False) -> str:
    """What a console 100 columns wide prints."""
    stream = io.StringIO()
    Console(file=stream, width=100, force_terminal=terminal, color_system=None).print(table)
    return stream.getvalue()


def match(path: str, *, probability: float | None = 0.973, copies: tuple[str, ...] = ()) -> Match:
    return Match(1, 7, path, copies, 0.4567, probability, 640, 480, datetime(2024, 5, 1, 12, 30, tzinfo=UTC))


def results(*matches: Match, calibrated: bool = False, nothing_matches: bool = False) -> Results:
    return Results(Query(" a [b]dog[/b] "), matches, "by-hand", False, calibrated, nothing_matches)


def test_the_column_says_whose_probability_it_is() -> None:
    raw, known = (
        shown(render.matches_table(results(match("/p/a.jpg"), calibrated=c))) for c in (False, True)
    )
    assert raw.split()[0] == "ITM" and known.split()[0] == "match"


def test_raw_scores_are_said_to_be_raw() -> None:
    assert [str(note) for note in render.notes(results(match("/p/a.jpg")))] == [render.RAW]
    assert render.notes(results(match("/p/a.jpg"), calibrated=True)) == []
    assert render.notes(results(match("/p/a.jpg", probability=None))) == []  # nothing was judged


def test_nothing_matches_is_said_in_the_captions_own_words() -> None:
    notes = render.notes(results(match("/p/a.jpg"), calibrated=True, nothing_matches=True))
    assert [str(note) for note in notes] == [
        "Nothing here matches \u201ca [b]dog[/b]\u201d. The nearest photos:"
    ]


def test_photos_that_were_not_judged_in_time_are_counted() -> None:
    found = replace(results(match("/p/a.jpg"), calibrated=True), judged=24, to_judge=1000)
    assert [str(note) for note in render.notes(found)] == [
        "The time was over after 24 of the 1,000 nearest photos were judged; the others follow by similarity."
    ]
    assert render.notes(replace(found, judged=1000)) == []


def test_versions_are_counted_beside_copies() -> None:
    best = replace(match("/p/a.jpg", copies=("/p/b.jpg",)), folded=(match("/p/c.jpg"), match("/p/d.jpg")))
    assert "/p/a.jpg  +1 copy  +2 versions" in shown(render.matches_table(results(best)))
    fields = render.match_fields(best, results(best))
    assert fields["folded"] == ["/p/c.jpg", "/p/d.jpg"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("two dogs, süß 犬", "two dogs, süß 犬"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("line\nbreak", "line\\nbreak"),
        ("evil\u202egpj.exe", "evil\\u202egpj.exe"),
        ("caf\udce9.jpg", "caf\\udce9.jpg"),
        ("Screenshot 9.41\u202fAM.png", "Screenshot 9.41\u202fAM.png"),
    ],
)
def test_printable(text: str, expected: str) -> None:
    assert render.printable(text) == expected


def test_short_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert render.short_path(str(tmp_path / "here" / "sub" / "a.jpg")) == str(Path("sub") / "a.jpg")
    assert render.short_path(str(tmp_path / "a.jpg")) == str(Path("~") / "a.jpg")
    assert render.short_path("/elsewhere/a.jpg") == "/elsewhere/a.jpg"


@pytest.mark.parametrize(
    ("value", "expected"), [(0.9734, "97.3%"), (1.0, "100.0%"), (0.0004, "0.0%"), (None, "–")]
)
def test_percent(value: float | None, expected: str) -> None:
    assert render.percent(value) == expected


@pytest.mark.parametrize(
    ("size", "expected"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2_340_000, "2.3 MB"), (5e12, "5.0 TB")],
)
def test_human_size(size: int, expected: str) -> None:
    assert render.human_size(size) == expected


def test_match_as_json() -> None:
    found = results(match("/p/a.jpg", copies=("/p/b.jpg",)), calibrated=True)
    fields = json.loads(render.as_json(render.match_fields(found.matches[0], found)))
    assert fields == {
        "rank": 1,
        "id": 7,
        "path": "/p/a.jpg",
        "similarity": 0.4567,
        "match_probability": 0.973,
        "calibrated": True,
        "nothing_matches": False,
        "judged": 0,
        "to_judge": 0,
        "copies": ["/p/b.jpg"],
        "folded": [],
        "width": 640,
        "height": 480,
        "taken_at": "2024-05-01T12:30:00+00:00",
    }


def test_undecodable_path_survives_json() -> None:
    line = render.as_json({"path": "/p/caf\udce9.jpg"})
    assert line.isascii()
    assert json.loads(line)["path"] == "/p/caf\udce9.jpg"


def test_matches_table_shows_both_scores_and_copies() -> None:
    text = shown(render.matches_table(results(match("/p/a.jpg", copies=("/p/b.jpg", "/p/c.jpg")))))
    assert [line.split() for line in text.splitlines() if "a.jpg" in line] == [
        ["1", "97.3%", "0.457", "/p/a.jpg", "+2", "copies"]
    ]


def test_markup_and_escapes_in_a_file_name_are_plain_text() -> None:
    text = shown(render.matches_table(results(match("/p/[red]x[/red]\x1b[2J.jpg"))), terminal=True)
    assert "[red]x[/red]\\x1b[2J.jpg" in text
    assert "\x1b[2J" not in text


def test_scores_table_without_match_head() -> None:
    text = shown(render.scores_table([Score("a [b]cat[/b]", 0.25, None)]))
    assert [line.split() for line in text.splitlines() if "cat" in line] == [
        ["–", "0.250", "a", "[b]cat[/b]"]
    ]


def test_failures_table_names_file_and_reason() -> None:
    failure = Failure("/p/bad.jpg", "empty file: 0 bytes", datetime(2024, 5, 1, tzinfo=UTC), 0, 0)
    text = shown(render.failures_table([failure]))
    assert "/p/bad.jpg" in text
    assert "empty file: 0 bytes" in text
