"""A run over a library in which nothing has changed, against a plain walk with `stat` over the same files.

python -m benchmarks.second_run --files 100000
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from benchmarks.report import arguments, report
from benchmarks.timing import take_turns
from benchmarks.tiny_photos import FirstPixel, make_photos
from indexer.pipeline import index
from storage.library import Library


def main() -> None:
    """Make the files, index them, and time the second run and the plain walks in turns."""
    parser = arguments(__doc__)
    parser.add_argument("--files", type=int, default=100_000, help="photos in the library (default 100000)")
    parser.add_argument("--rounds", type=int, default=5, help="timed rounds (default 5)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "photos"
        make_photos(folder, options.files)
        with Library.open(Path(temporary) / "library", create=True, write=True) as library:
            first = index([folder], library, FirstPixel(), batch_size=512)
            assert first.added == options.files, first

            def second_run() -> None:
                again = index([folder], library, FirstPixel())
                assert again.unchanged == options.files, again

            ways = {
                "os.walk and os.stat": lambda: walk(folder),
                "os.scandir and entry.stat": lambda: scan(str(folder)),
                "bridgelens index, nothing changed": second_run,
            }
            turns = take_turns(list(ways.values()), options.rounds)
    seconds = [turns.median(place) for place in range(len(ways))]
    rows = [
        {
            "way": way,
            "seconds": seconds[place],
            "microseconds a file": 1e6 * seconds[place] / options.files,
            "second run takes": f"{turns.times_faster(place, than=2):.2f} x",
        }
        for place, way in enumerate(ways)
    ]
    notes = [
        "second run takes: the median over the rounds of the second run's time over this way's",
        f"the first run took {first.seconds:.1f} s with a model that does nothing",
        "the files are in the system's cache for all of them",
    ]
    report(f"Second run over {options.files:,} unchanged files", rows, notes, options.json)


def walk(folder: Path) -> int:
    """Bytes of all files, by the plainest way there is."""
    return sum(
        os.stat(os.path.join(here, name)).st_size for here, _, names in os.walk(folder) for name in names
    )


def scan(folder: str) -> int:
    """Bytes of all files, by the fastest way there is in Python."""
    size = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                size += scan(entry.path)
            else:
                size += entry.stat(follow_symlinks=False).st_size
    return size


if __name__ == "__main__":
    main()
