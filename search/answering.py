"""What is known of a shortlist to `Results`: order, probabilities, folding, and whether nothing matches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from search.asked import Asked
from search.calibration import Calibration
from search.combining import Evidence, chances, scores
from search.folding import Versions, fold
from search.query import Match, Query, as_match
from search.rerank import order_of
from search.shortlist import Found

ENOUGH = 32
"""Photos that have to be judged, unless the shortlist is shorter, before nothing is said to match."""


@dataclass(frozen=True)
class Answer:
    """The part of `Results` that changes while photos are judged."""

    matches: tuple[Match, ...]
    calibrated: bool
    nothing_matches: bool


@dataclass(frozen=True)
class Answering:
    """What an answer needs beside the evidence; the same for all answers to one query."""

    query: Query
    asked: Asked
    found: Found
    versions: Versions | None
    similarity_weight: float
    calibration: Calibration | None

    def answer(self, evidence: Evidence) -> Answer:
        """The best `k` photos by what is known now."""
        order, chance = self._ranked(evidence)
        best = next((known for place in order if (known := chance[place]) is not None), None)
        calibrated = self.calibration is not None and best is not None
        nothing = (
            self.calibration is not None
            and best is not None
            and evidence.judged >= min(ENOUGH, self.found.size)
            and best < self.calibration.threshold
        )
        return Answer(self._matches(order, chance), calibrated, nothing)

    def _ranked(self, evidence: Evidence) -> tuple[list[int], list[float | None]]:
        """Places of all that was found, best first, and the probability at each place."""
        score = scores(self.asked, evidence, self.similarity_weight)
        chance = chances(self.asked, evidence, self.calibration)
        beyond = range(self.found.size, len(self.found.photos))
        order = [*order_of([None if np.isnan(each) else float(each) for each in score]), *beyond]
        known = [None if np.isnan(each) else float(each) for each in chance]
        return order, [*known, *(None for _ in beyond)]

    def _matches(self, order: list[int], chance: list[float | None]) -> tuple[Match, ...]:
        """The first `k` groups of versions; beyond the shortlist nothing is folded."""
        photos = self.found.photos
        groups = [[place] for place in order]
        if self.versions is not None:
            places = {photos[place].photo_id: place for place in order}
            ranked = fold([photos[place].photo_id for place in order[: self.found.size]], self.versions)
            groups = [[places[each] for each in group] for group in ranked] + groups[self.found.size :]

        def match(rank: int, place: int, folded: tuple[Match, ...] = ()) -> Match:
            return as_match(rank, self.found.similarities[place], photos[place], chance[place], folded)

        return tuple(
            match(rank, group[0], tuple(match(rank, place) for place in group[1:]))
            for rank, group in enumerate(groups[: self.query.k], 1)
        )
