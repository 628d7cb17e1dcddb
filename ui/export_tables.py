"""What is known of photos as a table: CSV for a spreadsheet, JSON for a program."""

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ui.exported import ExportedPhoto, Problem
from ui.photo_facts import photo_fields
from ui.render import as_json, printable

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def fields(photo: ExportedPhoto) -> dict[str, Any]:
    """One photo's fields, named as in the JSON of a search."""
    return {
        "rank": photo.rank,
        "path": photo.path,
        "query": photo.caption,
        "match_probability": photo.probability,
        "copies": [path for path in photo.record.paths if path != photo.path],
        "width": photo.record.width,
        "height": photo.record.height,
        "size": photo.record.size,
        "taken_at": photo.record.taken_at,
        **photo_fields(photo.record),
    }


def write_csv(photos: Sequence[ExportedPhoto], file: Path) -> list[Problem]:
    """One row a photo, under a head; several copies or keywords are joined by `; `.

    It begins with the mark by which a spreadsheet knows UTF-8. A text that a spreadsheet would take for a
    formula gets an apostrophe in front; so JSON is the form for programs.

    Returns:
        No problems: nothing is read but what the library knows.

    Raises:
        OSError: it cannot be written.
    """
    with open(file, "w", encoding="utf-8-sig", newline="") as stream:
        rows = csv.writer(stream)
        for number, photo in enumerate(photos):
            row = fields(photo)
            if number == 0:
                rows.writerow(row)
            rows.writerow(cell(value) for value in row.values())
    return []


def cell(value: object) -> object:
    """A value as a spreadsheet's cell shows it, and never runs it.

    Source: https://owasp.org/www-community/attacks/CSV_Injection
    """
    if isinstance(value, list):
        value = "; ".join(value)
    elif isinstance(value, datetime):
        value = value.isoformat(" ")
    if not isinstance(value, str):
        return value
    # Line breaks may stay; what no terminal could show is spelled out, as is a name that is no text.
    text = "\n".join(printable(line) for line in value.split("\n"))
    return f"'{text}" if text.startswith(_FORMULA) else text


def write_json(photos: Sequence[ExportedPhoto], file: Path) -> list[Problem]:
    """A list of objects, one a line, ASCII; surrogate escapes stand for bytes that are no text.

    Returns:
        As `write_csv`.

    Raises:
        OSError: it cannot be written.
    """
    with open(file, "w", encoding="ascii", newline="\n") as stream:
        lines = ",\n".join(as_json(fields(photo)) for photo in photos)
        stream.write(f"[\n{lines}\n]\n" if photos else "[]\n")
    return []
