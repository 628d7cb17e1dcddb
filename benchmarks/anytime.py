"""When does a search show what? Each answer of one search, when it came, and how much of the last it has.

python -m benchmarks.anytime PHOTOS --model mini

The folder is indexed into a library that is thrown away. Every caption is asked once before, so that what is
shown is a search in a program that has been running, as the web page is.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.report import Row, arguments, report
from indexer.pipeline import index
from model.bridgetower import BridgeTower
from search.engine import Engine
from search.query import Query, Results
from storage.library import Library
from ui.compose import load_photo

CAPTIONS = (
    "a dog running on grass",
    "children playing in the water",
    "a man on a bicycle",
    "two women talking",
)
TOP = 10


def main() -> None:
    """Index, search, and print the median over the captions for each answer."""
    parser = arguments(__doc__)
    parser.add_argument("photos", type=Path, metavar="PHOTOS")
    parser.add_argument("--model", default="mini")
    options = parser.parse_args()
    model = BridgeTower.load(options.model)
    with tempfile.TemporaryDirectory() as folder:
        with Library.open(Path(folder), create=True, write=True) as library:
            index([options.photos], library, model)
            engine = Engine(library, model, load_photo)
            for caption in CAPTIONS:
                engine.search(Query(caption, k=TOP))
            searches = [watched(engine, caption) for caption in CAPTIONS]
    rows = [row([search[place] for search in searches], searches) for place in range(len(searches[0]))]
    notes = [f"medians of {len(CAPTIONS)} captions; model {model.name} {model.fingerprint}"]
    report("What a search shows while it goes on", rows, notes, options.json)


def watched(engine: Engine, caption: str) -> list[tuple[float, Results]]:
    """Each answer, and the seconds after which it came."""
    started = time.perf_counter()
    return [(time.perf_counter() - started, found) for found in engine.refine(Query(caption, k=TOP))]


def row(answers: list[tuple[float, Results]], searches: list[list[tuple[float, Results]]]) -> Row:
    """One answer of every search."""
    kept = [
        len(photos(found) & photos(search[-1][1]))
        for (_, found), search in zip(answers, searches, strict=True)
    ]
    return {
        "judged": statistics.median(found.judged for _, found in answers),
        "after, s": statistics.median(seconds for seconds, _ in answers),
        f"of the last {TOP}": statistics.median(kept),
    }


def photos(found: Results) -> set[int]:
    """The photos shown."""
    return {match.photo_id for match in found.matches}


if __name__ == "__main__":
    main()
