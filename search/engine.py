"""A `Query` to ranked `Match`es: embeddings, FAISS's shortlist, and the ITM re-rank, which may be watched."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import islice

import numpy as np

from search.answering import Answering
from search.asked import Asked, ask, resembled
from search.calibration import from_settings
from search.combining import Evidence, Floats
from search.encoder import Encoder, LoadPhoto
from search.errors import SearchError
from search.folding import Versions
from search.hubness import is_known
from search.pair_judge import Mode, PairJudge
from search.query import Query, Results, check
from search.reading_ahead import LoadPixels
from search.refining import judge_in_batches
from search.second_look import looks_twice, meant, seen
from search.shortlist import cosines, embeddings, find
from storage.library import Library
from storage.records import ModelRef


class Engine:
    """Searches one library with one model; `load_photo` opens the files of photos that are to be judged.

    Safe to share between threads: what a search finds out it keeps to itself.
    """

    def __init__(
        self, library: Library, encoder: Encoder, load_photo: LoadPhoto, load_pixels: LoadPixels | None = None
    ) -> None:
        """`load_pixels` gives what the model takes of a photo, without its file where that is kept."""
        self._library = library
        self._encoder = encoder
        self._load_photo = load_photo
        self._judge = PairJudge(encoder, load_photo, load_pixels=load_pixels)
        self._calibration = from_settings(encoder.calibration)
        self._model = ModelRef(encoder.fingerprint, encoder.name, encoder.dim)

    def search(self, query: Query) -> Results:
        """The best `query.k` photos, when all is judged that is to be: the last of `refine`.

        The first five of fifteen are the five one gets by asking for five: the shortlist that is
        re-ranked does not depend on `k`, and what lies beyond it follows in FAISS's order.

        What it raises is what `refine` raises.
        """
        return deque(self.refine(query), maxlen=1).pop()

    def refine(self, query: Query) -> Iterator[Results]:
        """FAISS's answer at once, then a better one after each batch of photos judged, the last the best.

        What is judged depends on the shortlist and the time, and never on `k`. An answer in between is that
        of a shorter shortlist. Who stops asking stops the work.

        Raises:
            EmptyCaption: there is neither a caption nor a photo, or one of several captions is empty.
            EmptyLibrary: nothing has been indexed yet.
            SearchError: a number in the query is out of its range, or nothing judges what must not be seen.
            storage.errors.ModelMismatch: the library was indexed with another model.
            Exception: whatever `load_photo` raises for a photo to resemble that the library does not know.
        """
        started = time.perf_counter()
        check(query)
        if query.unwanted and not self._encoder.can_match:
            raise SearchError(
                f"{self._encoder.name} has no image-text-matching head, which judges what must not be seen; "
                "leave that out, or search with another model"
            )
        like = resembled(query, self._encoder, self._library, self._load_photo)
        asked = ask(query, self._encoder, like)
        embedded = time.perf_counter()
        found = find(query, asked, self._library, self._model)
        stored = cache(lambda: embeddings(found.shortlist, self._library, self._model))  # read once, or never
        near, resemblance = cosines(asked, found, stored)
        versions = Versions(self._library, self._model, found.shortlist) if query.fold else None
        seconds = {"embed": embedded - started, "shortlist": time.perf_counter() - embedded}
        answering = Answering(
            query, asked, found, versions, self._encoder.similarity_weight, self._calibration
        )
        before = Evidence(near, resemblance, np.full(near.shape, np.nan, np.float32), 0)
        return self._answers(answering, before, stored, seconds)

    def _meant(
        self, asked: Asked, near: Floats, stored: Callable[[], Floats], looks: Floats
    ) -> Floats | None:
        """What an order counts with for the cosines `near`, float32, (s, wanted); None for just those.

        `looks` are of the photos judged so far; no order depends on the others, which keep their cosines.
        """
        if not asked.captions or not (is_known(self._encoder) or looks_twice(self._encoder)):
            return None
        texts, result = asked.texts[: len(asked.captions)], near[:, : len(asked.captions)].copy()
        rows, cosines = stored()[: len(looks)], result[: len(looks)]
        found = meant(self._encoder, seen(self._encoder, rows, looks), texts)
        known = rows.any(axis=1, keepdims=True)
        # A photo forgotten since it was found has no embedding to tell, and gains nothing by that.
        most = np.where(known, cosines - found, 0).max(axis=0, initial=0.0)
        result[: len(looks)] = np.where(known, found, cosines - most)
        return result

    def _answers(
        self, answering: Answering, before: Evidence, stored: Callable[[], Floats],
        seconds: Mapping[str, float],
    ) -> Iterator[Results]:  # fmt: skip
        query, captions, shortlist = answering.query, answering.asked.to_judge, answering.found.shortlist
        mode: Mode = "fast" if query.fast else "exact"
        rounds = judge_in_batches(self._judge, shortlist, captions, query.budget, mode)
        judges = query.rerank and self._encoder.can_match and bool(captions)
        truncated = any(map(self._encoder.caption_is_truncated, captions))
        for judged in rounds if judges else islice(rounds, 1):  # the first of them is before any judging
            means = None
            if judged.count:
                means = self._meant(answering.asked, before.cosines, stored, judged.looks[: judged.count])
            known = replace(before, log_odds=judged.log_odds, judged=judged.count, meant=means)
            now = answering.answer(known)
            yield Results(
                query, now.matches, self._encoder.name, truncated, now.calibrated, now.nothing_matches,
                {**seconds, "rerank": judged.seconds}, judged.count, len(shortlist) if judges else 0,
            )  # fmt: skip
