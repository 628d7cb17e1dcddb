"""One run of indexing in a process of its own, and its peak memory; `benchmarks.memory` starts it.

python -m benchmarks.memory_of_run FOLDER, which holds photos/ and gets a library.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from benchmarks.tiny_photos import FirstPixel
from indexer.pipeline import index
from storage.library import Library


def main() -> None:
    """Index FOLDER/photos and write the peak, in MiB, and the seconds to stdout as JSON."""
    folder = Path(sys.argv[1])
    with Library.open(folder / "library", create=True, write=True) as library:
        report = index([folder / "photos"], library, FirstPixel(), batch_size=256)
    sys.stdout.write(json.dumps({"peak": peak_mebibytes(), "seconds": report.seconds}))


def peak_mebibytes() -> float:
    """The most memory this process had in use at a time.

    On Linux from the process itself: what getrusage says there begins with the peak of the process that
    started this one. Source: man 5 proc, VmHWM; man 2 getrusage for the units, which are bytes on macOS.
    """
    if sys.platform == "linux":
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


if __name__ == "__main__":
    main()
