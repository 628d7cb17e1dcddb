"""Are a model's tags what people say of the photo? By the words of each photo's own captions, by stem.

python -m benchmarks.tags --captions dev.csv --photos dev/ --model mini

The first half of the photos, drawn at random, is for choosing the probability that a tag needs, the other
half for measuring what it gives. A tag that nobody happened to write counts as wrong, so the share is a lower
bound.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.report import Row, arguments, report
from indexer.decode import decode
from model.bridgetower import BridgeTower
from search.absence import content_words
from search.captions import CaptionedFolder, read_csv
from search.tagging import Tagger

PROBABILITIES = (0.02, 0.03, 0.04, 0.05, 0.07, 0.1)
BATCH = 16


def main() -> None:
    """Print, for each probability, how many tags a photo gets and how many of them its captions have."""
    parser = arguments(__doc__)
    parser.add_argument("--captions", type=Path, required=True, metavar="CSV")
    parser.add_argument("--photos", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--model", default="mini")
    parser.add_argument("--count", type=int, default=1000, help="photos tagged (default 1000)")
    options = parser.parse_args()
    folder = read_csv(options.captions, options.photos)
    model = BridgeTower.load(options.model)
    tagger = Tagger(model, least=min(PROBABILITIES))
    said = stems_said(folder)
    places = np.random.default_rng(0).permutation(len(folder.photos))[: options.count].tolist()
    tags: dict[int, dict[str, float]] = {}
    for start in range(0, len(places), BATCH):
        some = places[start : start + BATCH]
        crops = [model.preprocessor.crop_of(decode(Path(folder.photos[place])).photo) for place in some]
        tags.update(zip(some, tagger.tags(np.stack(crops)), strict=True))
    half = len(places) // 2
    rows: list[Row] = [
        figures(name, part, tags, said, least)
        for least in PROBABILITIES
        for name, part in (("choosing", places[:half]), ("measuring", places[half:]))
    ]
    report("Tags that captions have", rows, [f"model {model.name} {model.fingerprint}"], options.json)


def stems_said(folder: CaptionedFolder) -> list[frozenset[str]]:
    """The stems of all that is said of each photo."""
    said: list[frozenset[str]] = [frozenset()] * len(folder.photos)
    for stems, photo in zip(content_words(folder.captions), folder.photo_of_caption.tolist(), strict=True):
        said[photo] |= stems
    return said


def figures(
    name: str, places: list[int], tags: dict[int, dict[str, float]], said: list[frozenset[str]], least: float
) -> Row:
    """One row: tags from this probability on, of the photos at these places."""
    kept = {place: [word for word, chance in tags[place].items() if chance >= least] for place in places}
    right = sum(bool(stems & said[place]) for place, words in kept.items() for stems in content_words(words))
    total = sum(map(len, kept.values()))
    return {
        "from": f"{least:.0%}",
        "photos": f"{len(places)} for {name}",
        "tags a photo": f"{total / len(places):.2f}",
        "photos with a tag, %": f"{100 * sum(map(bool, kept.values())) / len(places):.1f}",
        "in captions, %": f"{100 * right / total:.1f}" if total else "-",
    }


if __name__ == "__main__":
    main()
