"""Recall of a checkpoint on captioned photos: contrastive alone, then re-ranked, on the same captions.

python -m benchmarks.recall --captions dev.csv --photos dev/ --model mini

The CSV has a header `image,caption`. Photos are decoded, preprocessed, embedded and matched by the same code
that indexes and searches; towers run once a photo. Re-ranking all captions is long, so a sample is taken.
"""

from __future__ import annotations

import csv
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.report import Row, arguments, report
from indexer.decode import decode
from model.bridgetower import BridgeTower
from search.evaluate import ranks, recall, reranked

Floats = NDArray[np.float32]


def main() -> None:
    """Embed, rank, re-rank, and print a row a way."""
    parser = arguments(__doc__)
    parser.add_argument("--captions", type=Path, required=True, metavar="CSV")
    parser.add_argument("--photos", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--model", default="mini")
    parser.add_argument("--shortlists", type=int, nargs="+", default=[8, 16, 32, 64, 100])
    parser.add_argument("--queries", type=int, default=1000, help="captions re-ranked (default 1000)")
    parser.add_argument("--limit", type=int, help="only the first so many photos, and their captions")
    options = parser.parse_args()
    names, captions, owner = read_captions(options.captions, options.limit)
    model = BridgeTower.load(options.model)
    pixels = np.stack([model.preprocessor(decode(options.photos / name).photo) for name in names])
    started = time.perf_counter()
    photos = model.embed_images(pixels)
    rate = len(pixels) / (time.perf_counter() - started)
    similarity = model.embed_captions(captions) @ photos.T
    rows: list[Row] = [row("contrastive", len(captions), recall(ranks(similarity, owner)))]
    asked = np.random.default_rng(0).permutation(len(captions))[: options.queries]
    rows += rerank_rows(
        model,
        pixels,
        [captions[query] for query in asked],
        similarity[asked],
        owner[asked],
        options.shortlists,
    )
    notes = [f"{len(names)} photos of {options.photos.name}, model {model.name} {model.fingerprint}",
             f"embedding ran at {rate:.1f} preprocessed photos a second"]  # fmt: skip
    report(f"Text to photo, recall in percent, {options.captions.name}", rows, notes, options.json)


def read_captions(path: Path, limit: int | None) -> tuple[list[str], list[str], NDArray[np.int64]]:
    """Photo names in order of first appearance, captions, and the photo of every caption."""
    place: dict[str, int] = {}
    captions: list[str] = []
    owner: list[int] = []
    with path.open(newline="", encoding="utf-8") as lines:
        for line in csv.DictReader(lines):
            if line["image"] not in place and limit is not None and len(place) == limit:
                continue
            owner.append(place.setdefault(line["image"], len(place)))
            captions.append(line["caption"])
    return list(place), captions, np.array(owner, dtype=np.int64)


def rerank_rows(
    model: BridgeTower, pixels: Floats, captions: list[str], similarity: Floats, owner: NDArray[np.int64],
    sizes: list[int],
) -> list[Row]:  # fmt: skip
    """Contrastive alone and every shortlist size on the same captions, by one pass over the longest."""
    longest = min(max(sizes), len(pixels))
    shortlist = np.argsort(-similarity, axis=1, kind="stable")[:, :longest]
    states = model.photo_states(pixels)
    judged = np.empty(shortlist.shape, np.float32)
    started = time.perf_counter()
    for query, caption in enumerate(captions):
        judged[query] = model.match_states(
            states.select(torch.from_numpy(shortlist[query])), model.caption_states(caption)
        )
    seconds = (time.perf_counter() - started) / len(captions) / longest
    judged += model.similarity_weight * np.take_along_axis(similarity, shortlist, axis=1)
    rows = [row("contrastive, same captions", len(captions), recall(ranks(similarity, owner)))]
    for size in sorted({min(size, longest) for size in sizes}):
        scores = reranked(similarity, shortlist[:, :size], judged[:, :size])
        rows.append(
            row(f"re-ranked {size}", len(captions), recall(ranks(scores, owner)), 1000 * seconds * size)
        )
    return rows


def row(way: str, queries: int, found: dict[str, float], milliseconds: float | None = None) -> Row:
    """One line of the table; milliseconds are those of a warm re-rank of one caption."""
    spent = "" if milliseconds is None else f"{milliseconds:.0f}"
    return {
        "way": way,
        "captions": queries,
        **{name: f"{value:.2f}" for name, value in found.items()},
        "warm ms": spent,
    }


if __name__ == "__main__":
    main()
