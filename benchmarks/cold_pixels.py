"""What a re-rank waits for before the model begins: 100 photos as it takes them, of 12-megapixel files.

python -m benchmarks.cold_pixels --photos FOLDER --model mini

From the files (decoded at a fraction of their size, as indexing does) and from the library's own file of
pixels, through what the product uses for both. Each round of either starts without anything in memory but
what the system keeps of files it has read.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.decoding import enlarged
from benchmarks.report import arguments, report
from benchmarks.timing import take_turns
from indexer.pipeline import index
from model.bridgetower import BridgeTower
from storage.library import Library
from storage.records import PhotoRecord
from ui.compose import pixels_of


def main() -> None:
    """Index the photos once, then time both ways in turns."""
    parser = arguments(__doc__)
    parser.add_argument("--photos", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--model", default="mini")
    parser.add_argument("--count", type=int, default=100, help="photos of a shortlist (default 100)")
    parser.add_argument("--repeats", type=int, default=3, help="timed rounds (default 3)")
    options = parser.parse_args()
    model = BridgeTower.load(options.model)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        (folder / "photos").mkdir()
        for file in sorted(options.photos.rglob("*.jpg"))[: options.count]:
            enlarged(file, folder / "photos")
        with Library.open(folder / "library", create=True, write=True) as library:
            index([folder / "photos"], library, model)
            photos = list(library.photos(library.present_photo_ids().tolist()).values())
            kept = library.status()

        def from_files() -> None:
            crops(folder / "library", model, photos, pixel_bytes=0)

        def from_library() -> None:
            crops(folder / "library", model, photos, pixel_bytes=10**12)

        turns = take_turns([from_files, from_library], options.repeats)
    row = {
        "photos": str(len(photos)),
        "from files, s": turns.median(0),
        "from the library, s": turns.median(1),
        "times faster": turns.times_faster(1),
        "pixels, kB a photo": kept.pixel_bytes / 1000 / len(photos),
        "thumbnails, kB a photo": kept.thumbnail_bytes / 1000 / len(photos),
    }
    report(f"{len(photos)} crops for {options.model}, one core", [row], [], options.json)


def crops(folder: Path, model: BridgeTower, photos: Sequence[PhotoRecord], pixel_bytes: int) -> None:
    """All of them, of a library opened for this."""
    with Library.open(folder, pixel_bytes=pixel_bytes) as library:
        pixels = pixels_of(library, model)
        for photo in photos:
            pixels(photo)


if __name__ == "__main__":
    main()
