"""How well captions fit one photo, without a library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from search.encoder import Encoder
from search.errors import EmptyCaption
from search.rerank import probability


@dataclass(frozen=True)
class Score:
    """How well one caption fits one photo: cosine similarity (-1 to 1) and ITM probability (0 to 1).

    Either is None where the checkpoint has no head for it.
    """

    caption: str
    similarity: float | None
    probability: float | None


def score_captions(encoder: Encoder, photo: Image.Image, captions: Sequence[str]) -> list[Score]:
    """How well each caption fits an upright RGB photo, best first: by log-odds and similarity.

    Both are of the whole photo; a re-rank may judge another view of it (`search.second_look`).

    Raises:
        EmptyCaption: one of the captions is empty.
    """
    stripped = [caption.strip() for caption in captions]
    if not all(stripped):
        raise EmptyCaption('a caption is empty: describe the photo in words, such as "two dogs on a beach"')
    pixels = encoder.preprocessor(photo)[None]
    similarities: list[float | None] = [None] * len(stripped)
    if encoder.can_embed:
        similarities = (encoder.embed_captions(stripped) @ encoder.embed_images(pixels)[0]).tolist()
    odds: list[float | None] = [None] * len(stripped)
    if encoder.can_match:
        odds = encoder.match_log_odds(pixels, stripped)[0].tolist()
    weight = encoder.similarity_weight
    scores = [
        ((value or 0.0) + weight * (similarity or 0.0), Score(caption, similarity, probability(value)))
        for caption, similarity, value in zip(stripped, similarities, odds, strict=True)
    ]
    scores.sort(key=lambda scored: -scored[0] if encoder.can_match else -(scored[1].similarity or 0.0))
    return [score for _, score in scores]
