"""Does fill-in-the-blank look at the photo? Nouns of captions hidden, with their photo and with a grey one.

python -m benchmarks.masked_nouns --captions dev.csv --photos dev/ --model mini

A word counts as a noun if it is frequent in these captions, follows an article or the like in a third of the
places where it stands, and comes before a preposition, an auxiliary verb or the end in a third. What a model
proposes for a grey photo is a guess from the words around the blank; the photo has to add to that.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.report import Row, arguments, report
from indexer.decode import decode
from model.blanks import BLANK
from model.bridgetower import BridgeTower
from search.captions import read_csv

BEFORE = set("a an the two three his her their some".split())
AFTER = set("is are in on with of and at to near while who that through by from over . ,".split())
FREQUENT, SHARE = 20, 1 / 3
PROPOSED = 5
GREY = Image.new("RGB", (224, 224), (127, 127, 127))


def main() -> None:
    """Hide a noun of each caption asked, and print how often it is among the five words proposed."""
    parser = arguments(__doc__)
    parser.add_argument("--captions", type=Path, required=True, metavar="CSV")
    parser.add_argument("--photos", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--model", default="mini")
    parser.add_argument("--queries", type=int, default=1000, help="captions asked (default 1000)")
    options = parser.parse_args()
    folder = read_csv(options.captions, options.photos)
    model = BridgeTower.load(options.model)
    nouns = nouns_of(folder.captions)
    rng = np.random.default_rng(0)
    grey = model.preprocessor(GREY)
    found: Counter[str] = Counter()
    for row in rng.permutation(len(folder.captions)).tolist():
        hidden = hide(folder.captions[row], nouns, rng)
        if hidden is None or found["asked"] == options.queries:
            continue
        word, caption = hidden
        photo = model.preprocessor(decode(Path(folder.photos[folder.photo_of_caption[row]])).photo)
        found["asked"] += 1
        for name, pixels in (("own", photo), ("grey", grey)):
            found[name] += word in {each.word for each in model.fill_mask(pixels, caption, PROPOSED)}
    rows: list[Row] = [
        {"photo": name, "captions": found["asked"], "found, %": f"{100 * found[name] / found['asked']:.1f}"}
        for name in ("own", "grey")
    ]
    notes = [f"{len(nouns)} words count as nouns; model {model.name} {model.fingerprint}"]
    report(f"Nouns found among {PROPOSED} words proposed", rows, notes, options.json)


def words_of(caption: str) -> list[str]:
    """Small letters; a full stop or comma is a word of its own."""
    return re.findall(r"[a-z]+|[.,]", caption.lower())


def nouns_of(captions: tuple[str, ...]) -> set[str]:
    """The words that stand where nouns stand."""
    all_of, led, followed = Counter[str](), Counter[str](), Counter[str]()
    for caption in captions:
        words = ["", *words_of(caption), "."]
        for before, word, after in zip(words, words[1:], words[2:], strict=False):
            all_of[word] += 1
            led[word] += before in BEFORE
            followed[word] += after in AFTER
    return {
        word
        for word, count in all_of.items()
        if count >= FREQUENT and min(led[word], followed[word]) >= SHARE * count
    }


def hide(caption: str, nouns: set[str], rng: np.random.Generator) -> tuple[str, str] | None:
    """One noun of the caption, drawn at random, and the caption with a blank in its place."""
    words = words_of(caption)
    places = [place for place, word in enumerate(words) if word in nouns]
    if not places:
        return None
    place = int(rng.choice(places))
    return words[place], " ".join([*words[:place], BLANK, *words[place + 1 :]])


if __name__ == "__main__":
    main()
