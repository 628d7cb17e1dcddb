"""What merging a photo's tokens does to recall: shortlists re-ranked exactly, and with a share of the tokens.

python -m benchmarks.approximate --captions dev.csv --photos dev/ --model mini

Captions are judged side by side, each on one thread. What a way costs is the CPU time of its thread, which
other programs on the machine change less than they change the clock.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.report import Row, arguments, report
from indexer.decode import decode
from model.bridgetower import BridgeTower, probability
from model.merging import merge
from model.tower_states import TowerStates
from search.captions import CaptionedFolder, read_csv
from search.query import Query
from search.second_look import judged_states, looks_of, meant, seen

TOP = 5  # of which a shortlist of merged photos gives this share of 1 to the exact judge, in the cascade
BATCH = 32


def main() -> None:
    """Re-rank the shortlists of a sample of captions in every way, and print recall@1 and cost."""
    parser = arguments(__doc__)
    parser.add_argument("--captions", type=Path, required=True, metavar="CSV")
    parser.add_argument("--photos", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--model", default="mini")
    parser.add_argument("--queries", type=int, default=1000, help="captions asked (default 1000)")
    parser.add_argument("--shortlist", type=int, default=100, help="photos re-ranked (default 100)")
    parser.add_argument("--divide", type=int, nargs="+", default=[2, 4], help="tokens left are 1 in so many")
    options = parser.parse_args()
    torch.set_num_threads(1)
    folder, model = read_csv(options.captions, options.photos), BridgeTower.load(options.model, device="cpu")
    embeddings, states = photos_of(folder, model)
    ways = {"exact": states}
    for divisor in options.divide:
        ways[f"1/{divisor} of the tokens"] = merge(states, states.attended.shape[1] // divisor)
    asked = np.random.default_rng(0).permutation(len(folder.captions))[: options.queries]
    judge = Judge(folder, model, embeddings, ways, options.shortlist)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = list(pool.map(judge, asked.tolist()))
    notes = [
        f"{options.shortlist} photos a caption; similarity alone finds {100 * judge.first(answers):.1f} %"
    ]
    notes += ["lost and won: captions whose own photo is no longer first, and those whose own now is"]
    report(f"Re-ranking with merged tokens, {model.name}", judge.rows(answers), notes, options.json)


Answer = tuple[bool, dict[str, tuple[bool, float, float]]]
"""Whether similarity finds the photo; for each way whether it does, CPU seconds, largest change of ITM."""


class Judge:
    """Answers one caption in every way."""

    def __init__(
        self, folder: CaptionedFolder, model: BridgeTower, embeddings: NDArray[np.float32],
        ways: Mapping[str, TowerStates], shortlist: int,
    ) -> None:  # fmt: skip
        self.folder, self.model, self.embeddings = folder, model, embeddings
        self.seen = seen(model, embeddings, looks_of(model, ways["exact"], len(embeddings)))
        self.ways, self.shortlist = ways, shortlist

    def __call__(self, row: int) -> Answer:
        """One caption, by its place in the folder."""
        caption, own = self.folder.captions[row], self.folder.photo_of_caption[row]
        text = self.model.embed_captions([caption])
        similarity = (text @ self.embeddings.T)[0]
        shortlist = np.argsort(-similarity, kind="stable")[: self.shortlist]
        near = meant(self.model, self.seen[shortlist], text)[:, 0] * self.model.similarity_weight
        words, chosen = self.model.caption_states(caption), torch.from_numpy(shortlist)
        found: dict[str, tuple[bool, float, float]] = {}
        exact = np.empty(0, np.float32)
        for name, photos in self.ways.items():
            some = photos.select(chosen)
            started = time.thread_time()
            odds = self.model.match_states(some, words)
            spent = time.thread_time() - started
            exact = odds if name == "exact" else exact
            change = float(np.abs(probability(odds) - probability(exact)).max())
            found[name] = (bool(shortlist[(odds + near).argmax()] == own), spent, change)
            if name != "exact":
                third = torch.from_numpy(shortlist[: Query(shortlist=len(shortlist), fast=True).most_judged])
                started = time.thread_time()
                few = self.model.match_states(photos.select(third), words) + near[: len(third)]
                took = time.thread_time() - started
                found[f"{name}, the nearest third"] = bool(shortlist[few.argmax()] == own), took, change
                best = np.argsort(-(odds + near), kind="stable")[: max(1, len(shortlist) // TOP)]
                first = shortlist[best[(exact + near)[best].argmax()]]
                spent += found["exact"][1] / TOP
                found[f"{name}, then 1/{TOP} exactly"] = (bool(first == own), spent, 0.0)
        return bool(shortlist[0] == own), found

    def first(self, answers: list[Answer]) -> float:
        """Share of captions whose own photo is the most similar."""
        return float(np.mean([similar for similar, _ in answers]))

    def rows(self, answers: list[Answer]) -> list[Row]:
        """One row a way."""
        exact = np.array([found["exact"][:2] for _, found in answers])
        rows: list[Row] = []
        for name in answers[0][1]:
            way = np.array([found[name] for _, found in answers])
            rows.append(
                {
                    "way": name,
                    "captions": len(way),
                    "recall@1, %": f"{100 * way[:, 0].mean():.1f}",
                    "lost": int((exact[:, 0] > way[:, 0]).sum()),
                    "won": int((exact[:, 0] < way[:, 0]).sum()),
                    "CPU ms a pair": 1000 * way[:, 1].mean() / self.shortlist,
                    "times faster": float(exact[:, 1].sum() / way[:, 1].sum()),
                    "probability off by": float(way[:, 2].max()),
                }
            )
        return rows


def photos_of(folder: CaptionedFolder, model: BridgeTower) -> tuple[NDArray[np.float32], TowerStates]:
    """Embeddings float32 (n, dim) and tower states of all photos."""
    embeddings, states = [], []
    for start in range(0, len(folder.photos), BATCH):
        paths = folder.photos[start : start + BATCH]
        crops = np.stack([model.preprocessor.crop_of(decode(Path(path)).photo) for path in paths])
        embeddings.append(model.embed_images(crops))
        states.append(judged_states(model, crops))
    return np.concatenate(embeddings), states[0].join(states[1:])


if __name__ == "__main__":
    main()
