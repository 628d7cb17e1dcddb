"""The shortlist in a better order: the cross-modal model judges each photo together with the caption."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from search.calibration import Calibration
from search.encoder import Encoder, LoadPhoto

CHUNK = 32  # photos decoded at once, so that a long shortlist takes no more memory than a short one


def match_log_odds(
    encoder: Encoder, load_photo: LoadPhoto, paths: Sequence[str], caption: str
) -> list[float | None]:
    """ITM log-odds of each file with the caption; None for a file that can no longer be read."""
    odds: list[float | None] = [None] * len(paths)
    for start in range(0, len(paths), CHUNK):
        pixels: dict[int, NDArray[np.float32]] = {}
        for place in range(start, min(start + CHUNK, len(paths))):
            try:
                pixels[place] = encoder.preprocessor(load_photo(paths[place]))
            except Exception:
                # The loader's own errors are not known here. Whatever it was, the photo keeps its place
                # in the shortlist and shows no probability; indexing again reports the reason.
                continue
        if pixels:
            judged = encoder.match_log_odds(np.stack(list(pixels.values())), [caption])[:, 0]
            for place, value in zip(pixels, judged, strict=True):
                odds[place] = float(value)
    return odds


def rerank_order(
    similarities: Sequence[float], odds: Sequence[float | None], similarity_weight: float
) -> list[int]:
    """Places of the shortlist, best first, by log-odds plus `similarity_weight` times cosine similarity.

    A photo without log-odds keeps the place that its similarity gave it; the others fill the places
    between. Equal scores keep the shortlist's order.
    """
    judged = [place for place, value in enumerate(odds) if value is not None]

    def score(place: int) -> float:
        return float(odds[place] or 0.0) + similarity_weight * similarities[place]

    ranked = iter(sorted(judged, key=lambda place: -score(place)))
    return [place if odds[place] is None else next(ranked) for place in range(len(odds))]


def probability(log_odds: float | None) -> float | None:
    """Log-odds to a probability from 0 to 1."""
    if log_odds is None:
        return None
    return 1 / (1 + math.exp(-max(-80.0, min(80.0, log_odds))))


def probabilities(
    similarities: Sequence[float], odds: Sequence[float | None], calibration: Calibration | None
) -> list[float | None]:
    """The probability of each photo, None where it was not judged; without a calibration ITM's own.

    What was not judged is no part of the shortlist.
    """
    judged = [place for place, value in enumerate(odds) if value is not None]
    if calibration is None or not judged:
        return [probability(value) for value in odds]
    near = np.array([similarities[place] for place in judged], np.float32)
    known = np.array([odds[place] for place in judged], np.float32)
    chances: list[float | None] = [None] * len(odds)
    for place, chance in zip(judged, calibration.probabilities(near, known), strict=True):
        chances[place] = float(chance)
    return chances
