"""How long a shortlist takes from an embedded caption to photos with their paths, against the library's size.

python -m benchmarks.latency --photos 1000 10000 100000 1000000 --graph docs/latency.svg

Beside it rclip's way of searching the same embeddings: all vectors out of SQLite, a matrix product, and a
sort of all similarities in Python. Source: github.com/yurijmikhalevich/rclip, rclip/main.py `search` and
`_get_features`, rclip/model.py `compute_similarities_to_text`. Only the search is its; no photo is read.
"""

from __future__ import annotations

import itertools
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from benchmarks import made_library
from benchmarks.clustered import BLOCK, Floats, make
from benchmarks.graph import log_log
from benchmarks.report import Row, arguments, report
from benchmarks.timing import take_turns
from storage.library import Library

SHORTLIST = 100


def main() -> None:
    """Time both ways in turns for every size, and draw what was measured."""
    parser = arguments(__doc__)
    parser.add_argument("--photos", type=int, nargs="+", default=[1000, 10_000, 100_000], metavar="N")
    parser.add_argument("--rounds", type=int, default=20, help="searches of each (default 20)")
    parser.add_argument("--folder", type=Path, help="where the libraries are made (default: temporary files)")
    parser.add_argument("--graph", type=Path, help="an SVG file to draw the graph in")
    options = parser.parse_args()
    rows: list[Row] = []
    for count in options.photos:
        with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
            rows.append({"photos": count, **measured(Path(temporary), count, options.rounds)})
    notes = [
        f"median of {options.rounds} searches for {SHORTLIST} photos, in turns; embeddings of 512 dimensions",
        "times faster: the median over the rounds of rclip's time over this one's",
        "CPU: mean processor time of one, on all cores, which other programs lengthen little",
        "everything is in the system's cache for both",
    ]
    report("Shortlists from a library", rows, notes, options.json)
    if options.graph is not None:
        options.graph.write_text(graph(rows), encoding="utf-8")


def measured(folder: Path, count: int, rounds: int) -> Row:
    """Both ways on one library."""
    vectors = folder / "vectors.npy"
    queries = itertools.cycle(make(count, vectors))
    made_library.make(folder / "library", vectors)
    with Library.open(folder / "library", write=True) as library:
        library.save_index(made_library.MODEL)
        kind = library.status().index_kinds[made_library.MODEL.fingerprint]
    rclip = folder / "rclip.sqlite3"
    with closing(sqlite3.connect(rclip)) as connection, connection:
        connection.execute("CREATE TABLE images (id INTEGER PRIMARY KEY, filepath TEXT, vector BLOB)")
        connection.executemany("INSERT INTO images (filepath, vector) VALUES (?, ?)", images(vectors))
    with Library.open(folder / "library") as library:
        ways: list[Callable[[], object]] = [
            lambda: shortlist(library, next(queries)),
            lambda: rclip_way(rclip, next(queries)),
        ]
        turns = take_turns(ways, rounds)
        ours, theirs = (busy(way, rounds) for way in ways)
    return {
        "index": kind.split(",")[0],
        "bridgelens, ms": 1000 * turns.median(0),
        "rclip's way, ms": 1000 * turns.median(1),
        "times faster": turns.times_faster(0, than=1),
        "CPU, ms": ours,
        "rclip's, CPU ms": theirs,
    }


def busy(way: Callable[[], object], rounds: int) -> float:
    """Mean processor time of one search on all cores, in milliseconds."""
    began = time.process_time()
    for _ in range(rounds):
        way()
    return 1000 * (time.process_time() - began) / rounds


def shortlist(library: Library, query: Floats) -> list[tuple[str, ...]]:
    """What `search.engine` does between the text tower and the re-rank."""
    index = library.index(made_library.MODEL)
    allowed = library.present_photos() if library.has_missing() else None
    _, ids = index.search(query[None], SHORTLIST, allowed)
    photos = library.photos(ids[0].tolist())
    return [photos[photo_id].paths for photo_id in ids[0].tolist()]


def rclip_way(file: Path, query: Floats) -> list[tuple[str, float]]:
    """As rclip searches."""
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        paths, features = [], []
        for image in connection.execute("SELECT filepath, vector FROM images WHERE filepath LIKE '/made/%'"):
            paths.append(image["filepath"])
            features.append(np.frombuffer(image["vector"], np.float32))
    similarities = (np.stack(features) @ query).tolist()
    ranked = sorted(zip(similarities, range(len(paths)), strict=True), key=lambda pair: pair[0], reverse=True)
    return [(paths[place], similarity) for similarity, place in ranked[:SHORTLIST]]


def images(vectors: Path) -> Iterator[tuple[str, bytes]]:
    """Rows as rclip has them: float32."""
    whole = np.load(vectors, mmap_mode="r")
    for start in range(0, len(whole), BLOCK):
        for number, vector in enumerate(whole[start : start + BLOCK].astype(np.float32), start + 1):
            yield f"/made/up/{number}.jpg", vector.tobytes()


def graph(rows: list[Row]) -> str:
    """Both ways against the number of photos."""
    names = {"bridgelens": "bridgelens, ms", "rclip's way": "rclip's way, ms"}
    series = {name: [(row["photos"], row[column]) for row in rows] for name, column in names.items()}
    return log_log("A shortlist of 100 photos", "photos in the library", "milliseconds", series)


if __name__ == "__main__":
    main()
