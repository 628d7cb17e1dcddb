"""A `Query` to ranked `Match`es: the caption through the text tower, FAISS's shortlist, the ITM re-rank."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from search.calibration import from_settings
from search.encoder import Encoder, LoadPhoto
from search.errors import EmptyCaption, EmptyLibrary, SearchError
from search.rerank import match_log_odds, probabilities, rerank_order
from storage.library import Library
from storage.records import ModelRef, PhotoRecord


@dataclass(frozen=True)
class Query:
    """What is looked for. The first `shortlist` photos by similarity are re-ranked, whatever `k` is."""

    caption: str
    k: int = 10
    shortlist: int = 100
    rerank: bool = True


@dataclass(frozen=True)
class Match:
    """One photo found.

    `similarity` is a cosine from -1 to 1; `probability` from 0 to 1, None if the photo was not judged, is the
    calibrated one where the results are calibrated, else ITM's own. `record` has all the library knows of it.
    """

    rank: int
    photo_id: int
    path: str
    copies: tuple[str, ...]
    similarity: float
    probability: float | None
    width: int
    height: int
    taken_at: datetime | None
    record: PhotoRecord | None = None


@dataclass(frozen=True)
class Results:
    """Matches, best first. `seconds` tells where the time went: embed, shortlist, rerank.

    `nothing_matches` says that even the best is too unlikely to be what the caption means; only a
    calibrated checkpoint knows.
    """

    query: Query
    matches: tuple[Match, ...]
    model_name: str
    truncated_caption: bool
    calibrated: bool = False
    nothing_matches: bool = False
    seconds: dict[str, float] = field(default_factory=dict)


class Engine:
    """Searches one library with one model; `load_photo` opens the shortlist's files for the re-rank."""

    def __init__(self, library: Library, encoder: Encoder, load_photo: LoadPhoto) -> None:
        self._library = library
        self._encoder = encoder
        self._load_photo = load_photo
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
        allowed = self._library.present_photos() if self._library.has_missing() else None
        scores, ids = index.search(embedding, k, allowed)
        return scores[0].tolist(), ids[0].tolist()

    def _rerank(
        self, caption: str, found: Sequence[tuple[float, PhotoRecord]], shortlist: int
    ) -> tuple[list[int], list[float | None]]:
        head = found[:shortlist]
        odds = match_log_odds(self._encoder, self._load_photo, [photo.paths[0] for _, photo in head], caption)
        order = rerank_order([similarity for similarity, _ in head], odds, self._encoder.similarity_weight)
        beyond = range(len(head), len(found))
        return [*order, *beyond], [*odds, *(None for _ in beyond)]


def check(query: Query, caption: str) -> None:
    """Refuse what cannot be searched for.

    Raises:
        EmptyCaption: there is no caption.
        SearchError: a count is below 1.
    """
    if not caption:
        raise EmptyCaption('the caption is empty: describe the photo in words, such as "two dogs on a beach"')
    for name, value in (("number of results", query.k), ("shortlist", query.shortlist)):
        if value < 1:
            raise SearchError(f"the {name} is {value}: expected 1 or more")


def as_match(rank: int, similarity: float, photo: PhotoRecord, chance: float | None) -> Match:
    """One row of the answer."""
    return Match(
        rank=rank, photo_id=photo.photo_id, path=photo.paths[0], copies=photo.paths[1:],
        similarity=similarity, probability=chance,
        width=photo.width, height=photo.height, taken_at=photo.taken_at,
        record=photo,
    )  # fmt: skip
