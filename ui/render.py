"""Results as Rich tables for people and as JSON for programs. Nothing here computes or prints.

Every text that comes from outside (file names, captions, error reasons) passes through `printable`,
and reaches Rich as `Text`, so neither control characters nor Rich's own markup in it take effect.
"""

import json
import os
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.style import Style
from rich.table import Table
from rich.text import Text

from ui.asking import in_words
from ui.photo_facts import photo_fields

if TYPE_CHECKING:
    from model.bridgetower import Filling
    from search.query import Match, Results
    from search.score import Score
    from storage.records import Failure

RAW = (
    "The scores are raw, and nothing is said to match or not: the checkpoint has no calibration "
    "(bridgelens calibrate makes one)."
)
NEAREST = "The nearest photos:"


def printable(text: str) -> str:
    """`text` with control, direction-changing and undecodable characters spelled out in ASCII."""
    if text.isprintable():  # nearly always, and a page has a thousand of them
        return text
    return "".join(
        character
        # Exotic spaces are harmless, and macOS puts one into every screenshot's name.
        if character.isprintable() or unicodedata.category(character) == "Zs"
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def short_path(path: str) -> str:
    """`path` as a person would type it: from the current folder or from `~` where it lies there."""
    for folder, prefix in ((os.getcwd(), ""), (os.path.expanduser("~"), "~" + os.sep)):
        inside = os.path.join(folder, "")
        if path.startswith(inside) and inside != os.sep:
            return prefix + path[len(inside) :]
    return path


def path_text(path: str) -> Text:
    """A path as a link the terminal can open, the file's own name in bold."""
    shown = printable(short_path(path))
    text = Text(shown, style=Style(link=Path(path).as_uri() if os.path.isabs(path) else None))
    text.stylize("bold", len(shown) - len(printable(os.path.basename(path))))
    return text


def percent(probability: float | None) -> str:
    """A probability as `97.3%`; a dash where there is none."""
    return "–" if probability is None else f"{probability:.1%}"


def as_json(value: Mapping[str, Any]) -> str:
    """One JSON object on one line, ASCII only, so that undecodable file names survive the trip."""
    return json.dumps(value, default=_plain)


def notes(results: "Results", nearest: str = NEAREST) -> list[Text]:
    """What is to be said about search results beside the results, a line each.

    `nearest` says where the nearest photos are, when nothing matches.
    """
    lines = []
    if not results.matches and results.query.filter is not None:
        lines.append(Text("No photo is what the filter asks for.", style="bold yellow"))
    if results.nothing_matches:
        asked = printable(in_words(results.query))
        lines.append(Text(f"Nothing here matches {asked}. {nearest}", style="bold yellow"))
    if not results.calibrated and any(match.probability is not None for match in results.matches):
        lines.append(Text(RAW, style="dim"))
    if results.judged < results.to_judge:
        lines.append(
            Text(
                f"The time was over after {results.judged:,} of the {results.to_judge:,} nearest photos were "
                "judged; the others follow by similarity.",
                style="dim",
            )
        )
    return lines


def match_fields(match: "Match", results: "Results") -> dict[str, Any]:
    """The JSON fields of one search result."""
    return {
        "rank": match.rank,
        "id": match.photo_id,
        "path": match.path,
        "similarity": match.similarity,
        "match_probability": match.probability,
        "calibrated": results.calibrated,
        "nothing_matches": results.nothing_matches,
        "judged": results.judged,
        "to_judge": results.to_judge,
        "copies": match.copies,
        "folded": [each.path for each in match.folded],
        "width": match.width,
        "height": match.height,
        "taken_at": match.taken_at,
        **(photo_fields(match.record) if match.record is not None else {}),
    }


def score_fields(score: "Score") -> dict[str, Any]:
    """The JSON fields of one caption's score, named as a search result's."""
    return {
        "caption": score.caption,
        "similarity": score.similarity,
        "match_probability": score.probability,
    }


def matches_table(results: "Results") -> Table:
    """Search results, best first."""
    table = _table("", "match" if results.calibrated else "ITM", "similarity", "photo", right=3)
    for match in results.matches:
        photo = path_text(match.path)
        for count, one, several in (
            (len(match.copies), "copy", "copies"),
            (len(match.folded), "version", "versions"),
        ):
            if count:
                photo.append(f"  +{count} {one if count == 1 else several}", style="dim")
        table.add_row(str(match.rank), percent(match.probability), f"{match.similarity:.3f}", photo)
    return table


def scores_table(scores: "Iterable[Score]") -> Table:
    """One photo's captions, best first."""
    table = _table("match", "similarity", "caption", right=2)
    for score in scores:
        similarity = "–" if score.similarity is None else f"{score.similarity:.3f}"
        table.add_row(percent(score.probability), similarity, Text(printable(score.caption)))
    return table


def fillings_table(fillings: "Iterable[Filling]") -> Table:
    """The words that fit the gap, most probable first."""
    table = _table("probability", "word", right=1)
    for filling in fillings:
        table.add_row(percent(filling.probability), Text(printable(filling.word), style="bold"))
    return table


def failures_table(failures: "Iterable[Failure]") -> Table:
    """The files that could not be read, and why."""
    table = _table("photo", "reason", "when", right=0)
    for failure in failures:
        when = Text(local_time(failure.failed_at), style="dim")
        table.add_row(path_text(failure.path), Text(printable(failure.reason)), when)
    return table


def facts_table(facts: Iterable[tuple[str, str | Text]]) -> Table:
    """Names and values, one a line, without a heading."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts:
        table.add_row(name, Text(printable(value)) if isinstance(value, str) else value)
    return table


def local_time(moment: datetime) -> str:
    """An aware time on this machine's clock, to the minute."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def human_size(size: int) -> str:
    """A size in bytes with the unit that leaves one to three digits before the point."""
    amount = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def _table(*headings: str, right: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column, heading in enumerate(headings):
        if column < right:
            table.add_column(heading, justify="right", no_wrap=True)
        else:
            table.add_column(heading, overflow="fold")
    return table


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
