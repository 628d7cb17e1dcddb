"""Made-up embeddings that lie as those of photos do: in clusters of many sizes, which overlap.

A cluster's centre and what its photos differ in are both normal, with a spread that falls off over the
dimensions as 1 / sqrt(dimension): few directions tell most photos apart, as in embeddings. What a photo
differs in is 0.8 times as long as its centre, so that the cosine of two photos of one cluster is about 0.6,
and some photos of other clusters are nearer than that. Cluster sizes are log-normal with a sigma of 0.5. All
vectors are of unit norm. Queries are drawn as the photos are.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DIM = 512
CLUSTERS = 3000
DIFFERING = 0.8
QUERIES = 200
BLOCK = 50_000

Floats = NDArray[np.float32]


def make(count: int, file: Path, seed: int = 0) -> Floats:
    """Write so many embeddings to an .npy file, float16, (count, 512); queries, float32, (200, 512)."""
    random = np.random.default_rng(seed)
    spread = (1 / np.sqrt(1 + np.arange(DIM))).astype(np.float32)
    centres = random.standard_normal((CLUSTERS, DIM), dtype=np.float32) * spread
    sizes = random.lognormal(0, 0.5, CLUSTERS)
    whole = np.lib.format.open_memmap(file, "w+", np.float16, (count, DIM))

    def drawn(some: int) -> Floats:
        own = centres[random.choice(CLUSTERS, some, p=sizes / sizes.sum())]
        own += DIFFERING * spread * random.standard_normal((some, DIM), dtype=np.float32)
        unit: Floats = own / np.linalg.norm(own, axis=1, keepdims=True)
        return unit

    queries = drawn(QUERIES)
    for start in range(0, count, BLOCK):
        whole[start : start + BLOCK] = drawn(min(BLOCK, count - start))
    whole.flush()
    return queries


def nearest(
    file: Path, queries: Floats, k: int, places: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """By brute force the `k` nearest of the embeddings, or of those at some places: places, (queries, k)."""
    whole = np.load(file, mmap_mode="r")
    places = np.arange(len(whole)) if places is None else places
    scores, found = np.empty((len(queries), 0), np.float32), np.empty((len(queries), 0), np.int64)
    for start in range(0, len(places), BLOCK):
        here = places[start : start + BLOCK]
        vectors = whole[here].astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        scores = np.concatenate([scores, queries @ vectors.T], axis=1)
        found = np.concatenate([found, np.broadcast_to(here, (len(queries), len(here)))], axis=1)
        best = np.argpartition(-scores, min(k, scores.shape[1]) - 1, axis=1)[:, :k]
        scores, found = np.take_along_axis(scores, best, 1), np.take_along_axis(found, best, 1)
    return found


def recall(found: NDArray[np.int64], exact: NDArray[np.int64]) -> float:
    """The share of the exactly nearest that were found; both (queries, k)."""
    shares = [len(np.intersect1d(one, other)) / len(other) for one, other in zip(found, exact, strict=True)]
    return float(np.mean(shares))
