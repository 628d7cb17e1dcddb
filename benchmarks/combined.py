"""A captioned folder searched many times: each photo's tower runs once, and the order is that of a search."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.report import arguments
from indexer.decode import decode
from model.bridgetower import BridgeTower
from search.asked import Asked, ask
from search.captions import CaptionedFolder, read_csv
from search.combining import Evidence, Floats, scores
from search.judging import judge
from search.nearest import embed_photos
from search.query import Query
from search.rerank import order_of
from search.second_look import meant, seen

SHORTLIST = 100


@dataclass(frozen=True)
class Searched:
    """A folder, the model, and the embeddings of its photos, float32, (n, dim)."""

    folder: CaptionedFolder
    model: BridgeTower
    photos: Floats

    def orders(self, queries: Sequence[Query]) -> list[list[int]]:
        """For each query the places of its shortlist's photos in the folder, best first."""
        asked = [ask(query, self.model) for query in queries]
        near = [np.argsort(-(self.photos @ each.toward), kind="stable")[:SHORTLIST] for each in asked]
        captions = [caption for each in asked for caption in each.to_judge]
        rows = [shortlist for each, shortlist in zip(asked, near, strict=True) for _ in each.to_judge]
        judged = judge(self.model, load, self.folder.photos, captions, np.array(rows), lambda *_: None)
        starts = np.cumsum([0, *(len(each.to_judge) for each in asked)])
        return [
            shortlist[
                self._order(
                    each,
                    shortlist,
                    judged.log_odds[start : start + len(each.to_judge)].T,
                    judged.looks[shortlist],
                )
            ].tolist()
            for each, shortlist, start in zip(asked, near, starts[:-1].tolist(), strict=True)
        ]

    def _order(
        self, asked: Asked, shortlist: NDArray[np.int64], log_odds: Floats, looks: Floats
    ) -> list[int]:
        photos = self.photos[shortlist]
        means = meant(self.model, seen(self.model, photos, looks), asked.texts[: len(asked.captions)])
        known = Evidence(photos @ asked.texts.T, None, log_odds, len(shortlist), means)
        found = scores(asked, known, self.model.similarity_weight)
        return order_of(found.tolist())


def folder_arguments(description: str | None) -> argparse.ArgumentParser:
    """The options of a benchmark on a captioned folder."""
    parser = arguments(description)
    parser.add_argument("--captions", type=Path, required=True, metavar="CSV")
    parser.add_argument("--photos", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--model", default="mini")
    return parser


def load(path: str) -> Image.Image:
    """A photo of the folder, upright and RGB."""
    return decode(Path(path)).photo


def read(captions: Path, photos: Path, model: str) -> Searched:
    """Embed the photos of a CSV file of captions."""
    loaded = BridgeTower.load(model)
    folder, embeddings = embed_photos(read_csv(captions, photos), loaded, load, lambda *_: None)
    return Searched(folder, loaded, embeddings)
