"""The first search of the day: `bridgelens search` in a fresh process, and where its time goes.

python -m benchmarks.cold_start --photos FOLDER --model mini --repeats 5
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.report import Row, arguments, report

COMMAND = [sys.executable, "-c", "from ui.cli import main; main()"]


def main() -> None:
    """Index a folder into a library that is thrown away, then search it from fresh processes."""
    parser = arguments(__doc__)
    parser.add_argument("--photos", type=Path, required=True, metavar="FOLDER", help="the photos to search")
    parser.add_argument("--model", default="mini", help="checkpoint (default mini)")
    parser.add_argument("--caption", default="two dogs on a beach")
    parser.add_argument("--repeats", type=int, default=5, help="timed processes of each kind (default 5)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as library:
        environment = {**os.environ, "BRIDGELENS_LIBRARY": library, "BRIDGELENS_MODEL": options.model}
        subprocess.run(
            [*COMMAND, "index", str(options.photos)], env=environment, check=True, stdout=sys.stderr
        )
        wholes, parts = searches(options.caption, environment, options.repeats)
    title = f"A cold search of {parts[0]['photos']} photos with {options.model}"
    notes = ["seconds: medians over fresh processes, the files in the page cache after a warm-up"]
    notes += ["the search step re-ranks the shortlist, of which the rows below it are the parts"]
    report(title, table(wholes, parts), notes, options.json)


def searches(
    caption: str, environment: Mapping[str, str], repeats: int
) -> tuple[list[float], list[dict[str, Any]]]:
    """Seconds of the whole command, and steps of a process that does the same, in turns after a warm-up."""
    wholes, parts = [], []
    for turn in range(repeats + 1):
        started = time.perf_counter()
        subprocess.run([*COMMAND, "search", caption], env=environment, check=True, capture_output=True)
        whole = time.perf_counter() - started
        child = [sys.executable, "-m", "benchmarks.cold_search", repr(time.time()), caption]
        part = json.loads(subprocess.run(child, env=environment, check=True, capture_output=True).stdout)
        if turn > 0:
            wholes.append(whole)
            parts.append(part)
    return wholes, parts


def table(wholes: list[float], parts: list[dict[str, Any]]) -> list[Row]:
    """The whole, then each step and its share of the steps' sum."""
    total = statistics.median(sum(part["steps"].values()) for part in parts)
    rows: list[Row] = [
        {"step": "bridgelens search, all of it", "seconds": statistics.median(wholes), "share, %": "-"}
    ]
    for group, indent in (("steps", "  "), ("within search", "    ")):
        for step in parts[0][group]:
            seconds = statistics.median(part[group][step] for part in parts)
            rows.append({"step": indent + step, "seconds": seconds, "share, %": 100 * seconds / total})
    return rows


if __name__ == "__main__":
    main()
