"""Does a heat map point at what the caption means? Two photos side by side, and the caption of one of them.

python -m benchmarks.heat_maps --captions dev.csv --photos dev/ --model mini

The other photo shares no content word with the caption (search/absence.py), and which one is on the right is
drawn at random. A map is right if more of it lies on the half of the caption's own photo. Each photo is
pressed to half its width, so that both are seen whole. By chance half of the maps are right.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.report import arguments, report
from indexer.decode import decode
from model.bridgetower import BridgeTower
from search.absence import content_words, nothing_in_common
from search.captions import CaptionedFolder, read_csv

SIDE = 448  # pixels of the two photos together, a square
TRUSTED = 75  # per cent; below, `bridgelens explain` calls its maps illustrations


def main() -> None:
    """Count the maps that lie on the right half, and print their share."""
    parser = arguments(__doc__)
    parser.add_argument("--captions", type=Path, required=True, metavar="CSV")
    parser.add_argument("--photos", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--model", default="mini")
    parser.add_argument("--cases", type=int, default=200, help="captions asked (default 200)")
    options = parser.parse_args()
    folder = read_csv(options.captions, options.photos)
    model = BridgeTower.load(options.model)
    rng = np.random.default_rng(0)
    right = [
        own_share(model, folder, caption, other, on_right=bool(rng.integers(2))) > 0.5
        for caption, other in pairs(folder, options.cases, rng)
    ]
    share = 100 * sum(right) / len(right)
    row = {"model": model.name, "cases": len(right), "on the right half, %": f"{share:.1f}"}
    notes = [
        f"fingerprint {model.fingerprint}; trusted from {TRUSTED} %, if bridgelens.json says so: "
        f'{{"heat_map": {{"right_half": {share / 100:.3f}}}}}'
    ]
    report("Heat maps of two photos side by side", [row], notes, options.json)


def pairs(folder: CaptionedFolder, cases: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Rows of captions drawn at random, each with a photo that has nothing of what it says."""
    asked = rng.permutation(len(folder.captions)).astype(np.int64)[: 2 * cases]
    words = content_words(folder.captions)
    apart = nothing_in_common(asked, words, folder.photo_of_caption, len(folder.photos))
    found = [
        (caption, int(rng.choice(np.flatnonzero(others))))
        for caption, others in zip(asked.tolist(), apart, strict=True)
        if others.any()
    ]
    return found[:cases]


def own_share(model: BridgeTower, folder: CaptionedFolder, caption: int, other: int, on_right: bool) -> float:
    """How much of the map, 0 to 1, lies on the half of the caption's own photo."""
    own = decode(Path(folder.photos[folder.photo_of_caption[caption]])).photo
    wrong = decode(Path(folder.photos[other])).photo
    picture = side_by_side(wrong, own) if on_right else side_by_side(own, wrong)
    left = left_share(model.heat_map(model.preprocessor(picture), folder.captions[caption]))
    return 1 - left if on_right else left


def side_by_side(left: Image.Image, right: Image.Image) -> Image.Image:
    """Both photos as the halves of one square."""
    picture = Image.new("RGB", (SIDE, SIDE))
    for place, photo in enumerate((left, right)):
        picture.paste(photo.resize((SIDE // 2, SIDE)), (place * SIDE // 2, 0))
    return picture


def left_share(heat_map: NDArray[np.float32]) -> float:
    """How much of a map (rows, columns) lies left of its middle; of a middle column, half does."""
    columns = heat_map.sum(axis=0)
    half, middle = divmod(len(columns), 2)
    return float(columns[:half].sum() + (columns[half] / 2 if middle else 0))


if __name__ == "__main__":
    main()
