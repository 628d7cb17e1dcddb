"""Does --not take away what is not wanted? "a dog running" with and without --not "grass", and more pairs.

python -m benchmarks.negation --captions dev.csv --photos dev/ --model mini

A photo shows a thing if its captions have the word, in any form; so it counts as free of grass when nobody
mentioned any. Every pair is asked of which enough photos show both, and enough the wanted alone. People
say what they do not want when they see it, so pairs whose first photos show it have rows of their own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.combined import folder_arguments, read
from benchmarks.report import Row, report
from search.absence import content_words
from search.captions import CaptionedFolder
from search.query import Query

WANTED = (
    "a dog running", "a dog jumping", "a dog playing", "two dogs", "children playing", "a boy jumping",
    "a boy playing", "a girl playing", "a girl running", "a man jumping", "a man standing",
    "a person jumping", "a person riding", "a woman walking", "people walking", "people sitting",
    "people standing", "two men",
)  # fmt: skip
UNWANTED = (
    "snow", "beach", "water", "grass", "ball", "street", "bike", "pool", "rock", "tree", "mountain",
    "skateboard", "sand", "frisbee", "hat", "field", "crowd", "wall", "car", "shirt",
)  # fmt: skip
SHARE, BOTH, ONLY = 0.12, 5, 15
"""Least share and number of the photos of a wanted thing that show the unwanted too, and that do not."""
TOP = 10
OFTEN = 2  # photos among the first that show what is not wanted, for a pair to be in the second part

Shows = dict[str, NDArray[np.bool_]]


def main() -> None:
    """Ask every pair with and without --not, and print what the first ten photos show."""
    parser = folder_arguments(__doc__)
    options = parser.parse_args()
    searched = read(options.captions, options.photos, options.model)
    shows = shown(searched.folder, (*WANTED, *UNWANTED))
    pairs = pairs_of(shows)
    queries = [Query(one) for one in WANTED] + [Query(one, unwanted=(no,)) for one, no in pairs]
    first = [order[:TOP] for order in searched.orders(queries)]
    without = [first[WANTED.index(one)] for one, _ in pairs]
    with_not = first[len(WANTED) :]
    each = list(range(len(pairs)))
    often = [row for row in each if shows[pairs[row][1]][without[row]].sum() >= OFTEN]
    rows = [
        figures(
            f"{len(rows)} {name}, {way}", [found[row] for row in rows], [pairs[row] for row in rows], shows
        )
        for name, rows in (("pairs", each), (f"pairs with {OFTEN} or more in {TOP}", often))
        for way, found in (("without --not", without), ("with --not", with_not))
    ]
    notes = [f"model {searched.model.name} {searched.model.fingerprint}"]
    report(f"What the first {TOP} photos show", rows, notes, options.json)


def shown(folder: CaptionedFolder, phrases: Sequence[str]) -> Shows:
    """For each phrase, the photos whose captions have all its content words, bool, (photos,)."""
    words: list[set[str]] = [set() for _ in folder.photos]
    for stems, photo in zip(content_words(folder.captions), folder.photo_of_caption.tolist(), strict=True):
        words[photo] |= stems
    asked = zip(phrases, content_words(phrases), strict=True)
    return {phrase: np.array([stems <= said for said in words]) for phrase, stems in asked}


def pairs_of(shows: Shows) -> list[tuple[str, str]]:
    """What to ask for and what not to see, where the photos can tell whether that worked."""
    return [
        (one, no)
        for one in WANTED
        for no in UNWANTED
        if (shows[one] & shows[no]).sum() >= max(BOTH, SHARE * shows[one].sum())
        and (shows[one] & ~shows[no]).sum() >= ONLY
    ]


def figures(name: str, found: Sequence[list[int]], pairs: Sequence[tuple[str, str]], shows: Shows) -> Row:
    """The shares of the first photos that show what was not wanted, and what was, in percent."""
    unwanted = [shows[no][top].mean() for top, (_, no) in zip(found, pairs, strict=True)]
    wanted = [shows[one][top].mean() for top, (one, _) in zip(found, pairs, strict=True)]
    return {
        "search": name,
        "unwanted, %": f"{100 * np.mean(unwanted):.1f}",
        "wanted, %": f"{100 * np.mean(wanted):.1f}",
    }


if __name__ == "__main__":
    main()
