"""Two captions of one photo: asked with --and, as one long caption, and the first alone.

python -m benchmarks.two_captions --captions dev.csv --photos dev/ --model mini
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.combined import folder_arguments, read
from benchmarks.report import Row, report
from search.captions import CaptionedFolder
from search.query import Query, Weighted

FIRST = (1, 5, 10)


def main() -> None:
    """Ask for some photos by two of their captions, and print how often they come first."""
    parser = folder_arguments(__doc__)
    parser.add_argument("--queries", type=int, default=200, help="photos asked for (default 200)")
    options = parser.parse_args()
    searched = read(options.captions, options.photos, options.model)
    pairs = two_captions(searched.folder)
    asked = np.random.default_rng(0).permutation(sorted(pairs))[: options.queries].tolist()
    ways = {
        "first alone": [Query(pairs[photo][0]) for photo in asked],
        "one caption of both": [Query(" and ".join(pairs[photo])) for photo in asked],
        "--and": [Query(pairs[photo][0], also=(Weighted(pairs[photo][1]),)) for photo in asked],
    }
    orders = iter(searched.orders([query for queries in ways.values() for query in queries]))
    rows = [row(name, [next(orders) for _ in queries], asked) for name, queries in ways.items()]
    notes = [f"{len(asked)} photos asked for; model {searched.model.name} {searched.model.fingerprint}"]
    report("Two captions of a photo", rows, notes, options.json)


def two_captions(folder: CaptionedFolder) -> dict[int, tuple[str, str]]:
    """The first two captions of each photo that has as many, without the full stop."""
    found: dict[int, list[str]] = {}
    for caption, photo in zip(folder.captions, folder.photo_of_caption.tolist(), strict=True):
        found.setdefault(photo, []).append(caption.rstrip(" ."))
    return {photo: (captions[0], captions[1]) for photo, captions in found.items() if len(captions) > 1}


def row(name: str, orders: Sequence[Sequence[int]], asked: Sequence[int]) -> Row:
    """How often the photo asked for is among the first, in percent."""
    found: Row = {"search": name}
    for first in FIRST:
        hits = [photo in order[:first] for order, photo in zip(orders, asked, strict=True)]
        found[f"R@{first}"] = f"{100 * np.mean(hits):.1f}"
    return found


if __name__ == "__main__":
    main()
