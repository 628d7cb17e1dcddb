"""The exact and the compressed index compared on libraries of the embeddings that benchmarks.clustered makes.

python -m benchmarks.shortlist --photos 1000 10000 100000 1000000

Linux only: resident memory is read from /proc. A million photos take about 5 GB of disk below --folder.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks import made_library
from benchmarks.clustered import make, nearest
from benchmarks.report import Row, arguments, report
from storage.library import Library

LIMITS = {"exact": sys.maxsize, "compressed": 0}


def main() -> None:
    """Make a library of every size, save both kinds of index for it, and measure each."""
    parser = arguments(__doc__)
    parser.add_argument("--photos", type=int, nargs="+", default=[1000, 10_000, 100_000], metavar="N")
    parser.add_argument("--kinds", nargs="+", default=list(LIMITS), choices=LIMITS)
    parser.add_argument("--folder", type=Path, help="where the libraries are made (default: temporary files)")
    options = parser.parse_args()
    rows: list[Row] = []
    for count in options.photos:
        with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
            folder = Path(temporary)
            prepare(folder, count)
            for kind in options.kinds:
                rows.append({"photos": f"{count:,}", "index": kind, **measured(folder, kind)})
                sys.stderr.write(json.dumps(rows[-1]) + "\n")
    columns = [column for column in rows[0] if column != "kind"]
    parts = (columns[:10], columns[:2] + columns[10:])
    notes = [f"{row['photos']}: {row['kind']}" for row in rows if row["kind"] != "exact"]
    notes += [
        "one query at a time for the 100 nearest, embeddings of 512 dimensions, through Library.index",
        "CPU: processor time of one search, on all cores, which other programs lengthen little",
        "bytes a vector: resident memory after the queries less that before the index was opened",
        "N% p50 and recall: with a filter that allows so many photos, drawn by chance",
    ]
    for part in parts:
        report("Shortlists", [{name: row[name] for name in part} for row in rows], notes)
    if options.json is not None:
        report("Shortlists", rows, notes, options.json)


def prepare(folder: Path, count: int) -> None:
    """Embeddings, queries, the exact answers, and a library."""
    queries = make(count, folder / "vectors.npy")
    np.save(folder / "queries.npy", queries)
    np.save(folder / "exact.npy", nearest(folder / "vectors.npy", queries, 100))
    made_library.make(folder / "library", folder / "vectors.npy")


def measured(folder: Path, kind: str) -> Row:
    """One row, but for its head."""
    with Library.open(folder / "library", write=True, exact_limit=LIMITS[kind]) as library:
        began = time.perf_counter()
        library.save_index(made_library.MODEL)
        built = time.perf_counter() - began
        kinds = library.status().index_kinds[made_library.MODEL.fingerprint]
    command = [sys.executable, "-m", "benchmarks.shortlist_of_library", str(folder)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return {"build, s": built, **json.loads(ran.stdout), "kind": kinds}


if __name__ == "__main__":
    main()
