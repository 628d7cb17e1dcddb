"""A benchmark's answer: a small table on the terminal, and all of it as JSON for whoever compares."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.hardware import describe

Row = dict[str, Any]
WIDTH = 110  # columns, whatever the terminal: the table goes into files too


def arguments(description: str | None) -> argparse.ArgumentParser:
    """The options that every benchmark has."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the numbers and the machine as JSON too"
    )
    return parser


def device_argument(parser: argparse.ArgumentParser, default: str = "cpu") -> None:
    """Where the model runs."""
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default=default)


def report(title: str, rows: Sequence[Row], notes: Sequence[str] = (), json_file: Path | None = None) -> None:
    """Print the machine, the rows as a table with their keys as its head, and the notes."""
    hardware = describe()
    console = Console(highlight=False, width=WIDTH)
    for name, value in hardware.items():
        console.print(f"{name:>12}  {value}", markup=False)
    table = Table(title=Text(title), title_justify="left")
    for column in rows[0]:
        table.add_column(column, justify="left" if isinstance(rows[0][column], str) else "right")
    for row in rows:
        table.add_row(*(Text(shown(value)) for value in row.values()))  # brackets are no markup
    console.print(table)
    for note in notes:
        console.print(note, markup=False)
    if json_file is not None:
        content = {"title": title, "hardware": hardware, "rows": list(rows), "notes": list(notes)}
        json_file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def shown(value: object) -> str:
    """A number with three digits that count, or with all of those before the point where they are more."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if abs(value) >= 999.5 else f"{value:.3g}"
