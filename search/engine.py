"""A `Query` to ranked `Match`es: the caption through the text tower, FAISS's shortlist, the ITM re-rank."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from search.calibration import from_settings
from search.encoder import Encoder, LoadPhoto
from search.errors import EmptyLibrary
from search.pair_judge import PairJudge
from search.query import Query, Results, as_match, check
from search.rerank import probabilities, rerank_order
from storage.library import Library
from storage.records import ModelRef, PhotoRecord


class Engine:
    """Searches one library with one model; `load_photo` opens the shortlist's files for the re-rank."""

    def __init__(self, library: Library, encoder: Encoder, load_photo: LoadPhoto) -> None:
        self._library = library
        self._encoder = encoder
        self._judge = PairJudge(encoder, load_photo)
        self._calibration = from_settings(encoder.calibration)
        self._model = ModelRef(encoder.fingerprint, encoder.name, encoder.dim)

    def search(self, query: Query) -> Results:
        """The best `query.k` photos.

        The first five of fifteen are the five one gets by asking for five: the shortlist that is
        re-ranked does not depend on `k`, and what lies beyond it follows in FAISS's order.

        Raises:
            EmptyCaption: the caption has no characters but spaces.
            EmptyLibrary: nothing has been indexed yet.
            SearchError: `k` or `shortlist` is below 1.
            storage.errors.ModelMismatch: the library was indexed with another model.
        """
        caption = query.caption.strip()
        check(query, caption)
        seconds: dict[str, float] = {}
        started = time.perf_counter()
        embedding = self._encoder.embed_captions([caption])
        seconds["embed"] = time.perf_counter() - started
        similarities, ids = self._nearest(embedding, max(query.k, query.shortlist))
        photos = self._library.photos(ids)
        seconds["shortlist"] = time.perf_counter() - started - seconds["embed"]
        # Another program may just have found a photo's last file gone, or forgotten the photo.
        near = zip(similarities, map(photos.get, ids), strict=True)
        found = [(similarity, photo) for similarity, photo in near if photo is not None and photo.paths]
        odds: list[float | None] = [None] * len(found)
        order = list(range(len(found)))
        if query.rerank and self._encoder.can_match:
            order, odds = self._rerank(caption, found, query.shortlist)
        seconds["rerank"] = time.perf_counter() - started - seconds["embed"] - seconds["shortlist"]
        chances = probabilities([near for near, _ in found], odds, self._calibration)
        matches = tuple(
            as_match(rank, *found[place], chances[place]) for rank, place in enumerate(order[: query.k], 1)
        )
        best = next((chance for place in order if (chance := chances[place]) is not None), None)
        calibrated = self._calibration is not None and best is not None
        nothing = self._calibration is not None and best is not None and best < self._calibration.threshold
        truncated = self._encoder.caption_is_truncated(caption)
        return Results(query, matches, self._encoder.name, truncated, calibrated, nothing, seconds)

    def _nearest(self, embedding: NDArray[np.float32], k: int) -> tuple[list[float], list[int]]:
        index = self._library.index(self._model)
        if len(index) == 0:
            raise EmptyLibrary(
                f"{self._library.folder}: no photo is indexed yet; run: bridgelens index FOLDER"
            )
        allowed = self._library.present_photo_ids() if self._library.has_missing() else None
        scores, ids = index.search(embedding, k, allowed)
        return scores[0].tolist(), ids[0].tolist()

    def _rerank(
        self, caption: str, found: Sequence[tuple[float, PhotoRecord]], shortlist: int
    ) -> tuple[list[int], list[float | None]]:
        head = found[:shortlist]
        judged = self._judge.log_odds([photo for _, photo in head], [caption])[:, 0].tolist()
        odds = [None if math.isnan(value) else value for value in judged]
        order = rerank_order([similarity for similarity, _ in head], odds, self._encoder.similarity_weight)
        beyond = range(len(head), len(found))
        return [*order, *beyond], [*odds, *(None for _ in beyond)]
