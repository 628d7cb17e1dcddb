"""Peak memory of indexing, for libraries of different sizes; each run is a process of its own.

python -m benchmarks.memory --files 10000 100000
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.report import Row, arguments, report
from benchmarks.tiny_photos import make_photos

RUNS = ("first run", "second run, nothing changed")


def main() -> None:
    """Index folders of every size twice and compare the peaks."""
    parser = arguments(__doc__)
    parser.add_argument("--files", type=int, nargs="+", default=[10_000, 100_000], help="photos in a library")
    options = parser.parse_args()
    rows: list[Row] = []
    for count in options.files:
        with tempfile.TemporaryDirectory() as temporary:
            make_photos(Path(temporary) / "photos", count)
            for run in RUNS:
                ran = subprocess.run(
                    [sys.executable, "-m", "benchmarks.memory_of_run", temporary],
                    stdout=subprocess.PIPE,
                    check=True,
                    text=True,
                )
                told = json.loads(ran.stdout)
                rows.append(
                    {"run": run, "files": count, "peak, MiB": told["peak"], "seconds": told["seconds"]}
                )
    notes = [f"{run}: {ratio(rows, run):.3f} x from the fewest files to the most" for run in RUNS]
    notes.append("peak: resident memory of the process, with a model that takes none")
    report("Peak memory of indexing", rows, notes, options.json)


def ratio(rows: list[Row], run: str) -> float:
    """The peak with the most files over the peak with the fewest."""
    peaks = [float(row["peak, MiB"]) for row in rows if row["run"] == run]
    return peaks[-1] / peaks[0]


if __name__ == "__main__":
    main()
