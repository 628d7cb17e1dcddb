"""How well photos and captions fit each other, by the cross-modal model: every photo with every caption."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from search.encoder import Encoder, LoadPhoto
from storage.records import PhotoRecord

CHUNK = 32  # photos decoded at once, so that a long shortlist takes no more memory than a short one


class PairJudge:
    """Judges photos of a library with one model; `load_photo` opens their files."""

    def __init__(self, encoder: Encoder, load_photo: LoadPhoto) -> None:
        self._encoder = encoder
        self._load_photo = load_photo

    def log_odds(self, photos: Sequence[PhotoRecord], captions: Sequence[str]) -> NDArray[np.float32]:
        """ITM log-odds, float32 (photos, captions); NaN for a photo whose file can no longer be read."""
        odds = np.full((len(photos), len(captions)), np.nan, np.float32)
        for start in range(0, len(photos), CHUNK):
            pixels: dict[int, NDArray[np.float32]] = {}
            for place in range(start, min(start + CHUNK, len(photos))):
                try:
                    pixels[place] = self._encoder.preprocessor(self._load_photo(photos[place].paths[0]))
                except Exception:
                    # The loader's own errors are not known here. Whatever it was, the photo keeps its place
                    # in the shortlist and shows no probability; indexing again reports the reason.
                    continue
            if pixels:
                judged = self._encoder.match_log_odds(np.stack(list(pixels.values())), captions)
                odds[list(pixels)] = judged
        return odds
