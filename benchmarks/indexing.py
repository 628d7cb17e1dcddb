"""Files on disk to committed rows: how near an index run comes to what the model and the cores could give.

python -m benchmarks.indexing --photos FOLDER --model mini
python -m benchmarks.indexing --photos FOLDER --config base --count 64
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.networks import bridgetower_around, config_of, random_network
from benchmarks.report import Row, arguments, report
from benchmarks.timing import take_turns
from indexer.decode import decode
from indexer.pipeline import index
from indexer.workers import ChildProcesses, usable_cores
from model.bridgetower import BridgeTower
from storage.bounds import PIXEL_BYTES
from storage.library import Library


def main() -> None:
    """Time the tower alone, decoding alone, the whole, and the whole without caches, in turns."""
    parser = arguments(__doc__)
    parser.add_argument("--photos", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--model", default="mini", help="checkpoint (default mini)")
    parser.add_argument("--config", choices=["base", "large"], help="random weights of this size instead")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--count", type=int, default=960, help="photos a round (default 960)")
    parser.add_argument("--batch-size", type=int, default=32, help="as of bridgelens index (default 32)")
    parser.add_argument("--repeats", type=int, default=3, help="timed rounds (default 3)")
    options = parser.parse_args()
    model = (
        bridgetower_around(random_network(config_of(options.config)))
        if options.config
        else BridgeTower.load(options.model, device=options.device)
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        photos = copies(options.photos, folder / "photos", options.count)
        row = measured(model, photos, folder, options.batch_size, options.repeats)
    notes = [f"{options.count} photos, batches of {options.batch_size}, {model.dtype} on {model.device}"]
    notes += ["ideal: cores / (core-seconds of decoding + core-seconds of the tower, a photo)"]
    report(f"Indexing with {options.config or options.model}", [row], notes, options.json)


def copies(source: Path, folder: Path, count: int) -> Path:
    """A folder with the first so many photos of another."""
    folder.mkdir()
    for file in sorted(source.rglob("*.jpg"))[:count]:
        shutil.copy(file, folder)
    return folder


def measured(model: BridgeTower, photos: Path, folder: Path, batch_size: int, repeats: int) -> Row:
    """One row; the tower's rate and the whole run's are medians over rounds that alternate."""
    files = sorted(photos.iterdir())
    preprocessor, libraries = model.preprocessor, itertools.count()
    busy: dict[str, list[float]] = {"decode": [], "tower": []}
    crops = np.stack([preprocessor.crop_of(decode(file, preprocessor.resized).photo) for file in files])

    def decoding() -> None:
        began = time.process_time()
        for file in files:
            preprocessor.crop_of(decode(file, preprocessor.resized).photo)
        busy["decode"].append(time.process_time() - began)

    def tower() -> None:
        began = time.process_time()
        for start in range(0, len(crops), batch_size):
            model.embed_images(crops[start : start + batch_size])
        busy["tower"].append(time.process_time() - began)

    def whole(keeping: bool = True) -> None:
        place = folder / f"library-{next(libraries)}"
        pixels = PIXEL_BYTES if keeping else 0
        with (
            Library.open(place, create=True, write=True, pixel_bytes=pixels) as library,
            ChildProcesses() as workers,
        ):
            found = index(
                [photos], library, model, batch_size=batch_size, workers=workers, thumbnails=keeping
            )
        if found.embedded != len(files):
            raise SystemExit(f"expected {len(files)} photos embedded, found {found.embedded}")

    turns = take_turns([decoding, tower, whole, lambda: whole(keeping=False)], repeats)
    cores, count = usable_cores(), len(files)
    decode_busy, tower_busy = (float(np.median(busy[name][1:])) / count for name in ("decode", "tower"))
    ideal = cores / (decode_busy + tower_busy)
    rate = count / turns.median(2)
    return {
        "tower alone, photos/s": count / turns.median(1),
        "decode, core-ms": 1000 * decode_busy,
        "tower, core-ms": 1000 * tower_busy,
        "ideal, photos/s": ideal,
        "whole run, photos/s": rate,
        "of a run without caches": turns.times_faster(2, than=3),
        "of the tower's rate": turns.times_faster(2, than=1),
        "of the ideal": rate / ideal,
    }


if __name__ == "__main__":
    main()
