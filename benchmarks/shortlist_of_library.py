"""One kind of index of one library in a process of its own, measured; `benchmarks.shortlist` starts it.

python -m benchmarks.shortlist_of_library FOLDER, which holds library/, vectors.npy and queries.npy.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.clustered import Floats, nearest, recall
from benchmarks.made_library import MODEL
from storage.library import Library
from storage.photo_set import PhotoSet
from storage.records import Ids
from storage.vector_index import VectorIndex

K = 100
FILTERS = (0.001, 0.01, 0.1)
ADDED = 1000


def main() -> None:
    """Open FOLDER/library, search it, and write what was measured to stdout as JSON."""
    folder = Path(sys.argv[1])
    vectors, queries = folder / "vectors.npy", np.load(folder / "queries.npy")
    exact = np.load(folder / "exact.npy") + 1  # photo ids
    with Library.open(folder / "library") as library:
        library.present_photos()
        before, began = resident(), time.perf_counter()
        index = library.index(MODEL)
        told: dict[str, float | str] = {"open, s": time.perf_counter() - began}
        found, p50, p95, busy = searched(index, queries, None)
        told |= {"p50, ms": p50, "p95, ms": p95, "CPU, ms": busy, "recall": recall(found, exact)}
        told["bytes a vector"] = (resident() - before) / len(index)
        for share in FILTERS:
            random = np.random.default_rng(7)
            allowed = np.sort(random.choice(len(index), max(1, round(share * len(index))), replace=False))
            best = nearest(vectors, queries, min(K, len(allowed)), allowed) + 1
            found, p50, _, busy = searched(index, queries, PhotoSet(allowed + 1))
            told |= {f"{share:.1%}: p50, ms": p50, f"{share:.1%}: CPU, ms": busy}
            told[f"{share:.1%}: recall"] = recall(found, best)
        new = np.arange(ADDED) + 10 * len(index)
        made = np.roll(np.load(vectors, mmap_mode="r")[:ADDED].astype(np.float32), 1, axis=1)
        told["add 1000, ms"] = 1000 * timed(lambda: index.add(new[: len(made)], made))
        told["remove 1000, ms"] = 1000 * timed(lambda: index.remove(new))
    sys.stdout.write(json.dumps(told))


def searched(
    index: VectorIndex, queries: Floats, allowed: PhotoSet | None
) -> tuple[Ids, float, float, float]:
    """Photo ids, (queries, k), and of one search p50, p95 and mean processor time, in milliseconds."""
    index.search(queries[:1], K, allowed)
    found, times = [], []
    busy = time.process_time()
    for query in queries:
        began = time.perf_counter()
        _, ids = index.search(query[None], K, allowed)
        times.append(1000 * (time.perf_counter() - began))
        found.append(ids[0])
    busy = 1000 * (time.process_time() - busy) / len(queries)
    return np.array(found), float(np.median(times)), float(np.quantile(times, 0.95)), busy


def timed(do: Callable[[], object]) -> float:
    """Seconds."""
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def resident() -> int:
    """Bytes of memory this process has in use now. Source: man 5 proc, VmRSS."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) * 1024


if __name__ == "__main__":
    main()
