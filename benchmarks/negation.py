"""Does --not take away what is not wanted? "a dog" with and without --not "snow", and many such pairs.

python -m benchmarks.negation --captions dev.csv --photos dev/ --model mini

A photo shows a thing if one of its captions has the word, in any form; so a photo counts as free of snow when
nobody mentioned any. Every pair is asked that has photos enough of both kinds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.combined import Searched, read
from benchmarks.report import Row, arguments, report
from search.absence import content_words
from search.captions import CaptionedFolder
from search.query import Query

WANTED = "dog boy girl man woman child people".split()
UNWANTED = "snow beach water grass ball street bike pool rock tree mountain skateboard sand frisbee".split()
BOTH, ONLY = 8, 20  # least photos of a pair that show both things, and the wanted one alone
TOP = 10


def main() -> None:
    """Ask every pair with and without --not, and print what the first ten photos show."""
    parser = arguments(__doc__)
    parser.add_argument("--captions", type=Path, required=True, metavar="CSV")
    parser.add_argument("--photos", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--model", default="mini")
    options = parser.parse_args()
    searched = read(options.captions, options.photos, options.model)
    shows = shown(searched.folder, (*WANTED, *UNWANTED))
    pairs = pairs_of(shows)
    rows = [
        row("without --not", searched, pairs, shows, [Query(phrase(one)) for one, _ in pairs]),
        row("with --not", searched, pairs, shows, [Query(phrase(one), unwanted=(no,)) for one, no in pairs]),
    ]
    notes = [f"{len(pairs)} pairs; model {searched.model.name} {searched.model.fingerprint}"]
    report(f"What the first {TOP} photos show", rows, notes, options.json)


def phrase(word: str) -> str:
    """A thing as a caption: "a dog", "people"."""
    return word if word == "people" else f"a {word}"


def shown(folder: CaptionedFolder, words: Sequence[str]) -> dict[str, NDArray[np.bool_]]:
    """For each word, the photos that one of their captions mentions it of, bool, (photos,)."""
    stems = content_words(folder.captions)
    found = {}
    for word in words:
        [stem] = content_words([word])[0]
        mentioned = np.array([stem in each for each in stems])
        found[word] = np.zeros(len(folder.photos), np.bool_)
        found[word][folder.photo_of_caption[mentioned]] = True
    return found


def pairs_of(shows: dict[str, NDArray[np.bool_]]) -> list[tuple[str, str]]:
    """The things to ask for and not to see, where the photos can tell whether that worked."""
    return [
        (one, no)
        for one in WANTED
        for no in UNWANTED
        if (shows[one] & shows[no]).sum() >= BOTH and (shows[one] & ~shows[no]).sum() >= ONLY
    ]


def row(
    name: str, searched: Searched, pairs: Sequence[tuple[str, str]], shows: dict[str, NDArray[np.bool_]],
    queries: Sequence[Query],
) -> Row:  # fmt: skip
    """The shares of the first photos that show what was not wanted, and what was, in percent."""
    tops = [order[:TOP] for order in searched.orders(queries)]
    asked = list(zip(tops, pairs, strict=True))
    unwanted = np.mean([shows[no][top].mean() for top, (_, no) in asked])
    wanted = np.mean([shows[one][top].mean() for top, (one, _) in asked])
    return {"search": name, "unwanted, %": f"{100 * unwanted:.1f}", "wanted, %": f"{100 * wanted:.1f}"}


if __name__ == "__main__":
    main()
