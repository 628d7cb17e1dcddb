"""Which way of leaving a word out shows best what it adds: taking it away, or a <mask> in its place?

python -m benchmarks.words --captions dev.csv --photos dev/ --model mini

A noun of each caption is replaced by another that no caption of the photo has. That wrong word should be the
one without which the caption fits the photo best. By chance one word in a caption is found.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from benchmarks.masked_nouns import hide, nouns_of
from benchmarks.report import Row, arguments, report
from benchmarks.tags import stems_said
from indexer.decode import decode
from model.blanks import BLANK
from model.bridgetower import BridgeTower
from search.absence import content_words
from search.captions import read_csv
from search.evidence import WORD, without


def main() -> None:
    """Count in how many captions each way finds the wrong word."""
    parser = arguments(__doc__)
    parser.add_argument("--captions", type=Path, required=True, metavar="CSV")
    parser.add_argument("--photos", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--model", default="mini")
    parser.add_argument("--cases", type=int, default=300, help="captions asked (default 300)")
    options = parser.parse_args()
    folder = read_csv(options.captions, options.photos)
    model = BridgeTower.load(options.model)
    rng = np.random.default_rng(0)
    nouns, said = nouns_of(folder.captions), stems_said(folder)
    found: Counter[str] = Counter()
    chance = 0.0
    for row in rng.permutation(len(folder.captions)).tolist():
        hidden = hide(folder.captions[row], nouns, rng)
        photo = int(folder.photo_of_caption[row])
        wrong = [noun for noun in sorted(nouns) if not content_words([noun])[0] & said[photo]]
        if hidden is None or not wrong or found["asked"] == options.cases:
            continue
        before, after = hidden[1].split(BLANK)
        caption = f"{before}{rng.choice(wrong)}{after}"
        words = [match.span() for match in WORD.finditer(caption)]
        place = [start for start, _ in words].index(len(before))
        found["asked"] += 1
        chance += 1 / len(words)
        pixels = model.preprocessor(decode(Path(folder.photos[photo])).photo)
        states = model.photo_states(pixels[None])
        masked = [f"{caption[:start]}{model.tokenizer.mask_token}{caption[end:]}" for start, end in words]
        for name, captions in (("taken away", [without(caption, *word) for word in words]), (BLANK, masked)):
            odds = model.match_states(states, model.caption_states(captions))
            found[name] += int(odds.argmax()) == place
    rows: list[Row] = [
        {"way": name, "captions": found["asked"], "found, %": f"{100 * found[name] / found['asked']:.1f}"}
        for name in ("taken away", BLANK)
    ]
    notes = [
        f"by chance {100 * chance / found['asked']:.1f} %; model {model.name} {model.fingerprint}",
    ]
    report("The wrong word of a caption", rows, notes, options.json)


if __name__ == "__main__":
    main()
