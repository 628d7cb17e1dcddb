"""A re-rank's second look: what its order counts with, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from model.typical_captions import TypicalCaptions
from search.engine import Engine
from search.query import Query
from search.second_look import (
    judged_states,
    looks_of,
    looks_twice,
    meant,
    meant_of_shortlists,
    no_looks,
    seen,
)

NAN = float("nan")
STORED = np.array([[1, 0], [0.6, 0.8], [0, 1]], np.float32)


@dataclass
class Looking:
    """Photos' states are their pixels, plus 10 in a second view."""

    look_weight: float = 1.0
    dim: int = 2
    typical_captions: TypicalCaptions | None = None
    hubness_share: float = 0.5

    def photo_states(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        return pixels

    def look_again(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        return pixels + 10

    def look_embeddings(self, photos: NDArray[np.float32]) -> NDArray[np.float32]:
        return (photos / 10).astype(np.float32)


def test_judged_is_the_second_view_where_there_is_one() -> None:
    pixels = np.array([[1, 2]], np.float32)
    twice: Any = Looking()
    once: Any = Looking(look_weight=0.0)
    assert looks_twice(twice) and not looks_twice(once)
    assert judged_states(twice, pixels).tolist() == [[11, 12]]
    assert judged_states(once, pixels).tolist() == [[1, 2]]
    assert looks_of(twice, pixels, 1).tolist() == [[pytest.approx(0.1), pytest.approx(0.2)]]
    assert looks_of(once, pixels, 1).shape == no_looks(once, 1).shape == (1, 0)
    assert np.isnan(no_looks(twice, 3)).all() and no_looks(twice, 3).shape == (3, 2)


def test_a_photo_that_is_judged_counts_with_the_mean_of_both_looks() -> None:
    looks = np.array([[0, 1], [NAN, NAN], [0, 1]], np.float32)
    twice: Any = Looking()
    found = seen(twice, STORED, looks)
    np.testing.assert_allclose(found, [[0.5**0.5, 0.5**0.5], [0.6, 0.8], [0, 1]], rtol=1e-6)
    twice.look_weight = 0.75
    np.testing.assert_allclose(seen(twice, STORED, looks)[0], [0.8, 0.6], rtol=1e-6)  # (4/3, 1) over 5/3


def test_without_looks_the_stored_embeddings_count() -> None:
    once: Any = Looking(look_weight=0.0)
    twice: Any = Looking()
    assert seen(once, STORED, np.empty((3, 0), np.float32)) is STORED
    assert seen(twice, STORED, np.empty((3, 0), np.float32)) is STORED


def test_hubness_is_that_of_what_counts() -> None:
    texts = np.array([[1, 0], [0, 1]], np.float32)
    encoder: Any = Looking(typical_captions=TypicalCaptions(texts[:1], np.ones(1, np.float32)))
    # Half of the first component is taken off both cosines.
    found = meant(encoder, STORED, texts)
    np.testing.assert_allclose(found, np.array([[0.5, -0.5], [0.3, 0.5], [0.0, 1.0]]), atol=1e-6)
    shortlist = np.array([[1, 0], [2, 1]])
    found = meant_of_shortlists(encoder, STORED, texts, shortlist)
    np.testing.assert_allclose(found, [[0.3, 0.5], [1, 0.5]], atol=1e-6)
    assert meant_of_shortlists(encoder, STORED, texts[:0], shortlist[:0]).shape == (0, 2)


def test_a_search_puts_first_what_the_second_look_speaks_for(
    shelf: Any, make_encoder: Callable[..., Any]
) -> None:
    by_hand: Any = make_encoder

    class Twice(by_hand):  # type: ignore[misc]
        """The view of a photo has the caption's direction as much as the photo is green."""

        look_weight = 1.0

        def look_again(self, pixels: NDArray[np.float32]) -> Any:
            return Green(pixels[:, 1, 0, 0])

        photo_states = look_again

        def look_embeddings(self, photos: Any) -> NDArray[np.float32]:
            return np.stack([np.eye(256, dtype=np.float32)[0 if green else 9] for green in photos.green])

        def caption_states(self, caption: str) -> Any:
            return Green(np.zeros(1, np.float32))

        def match_states(self, photos: Any, captions: Any) -> NDArray[np.float32]:
            return np.zeros(len(photos.green), np.float32)

    shelf.put("nearest.png", level=8, odds=0)
    shelf.put("meant.png", level=7, odds=3)

    def names(query: Query) -> list[str]:
        engine = Engine(shelf.library, Twice(similarity_weight=1.0), read)
        return [match.path.rsplit("/", 1)[-1] for match in engine.search(query).matches]

    assert names(Query("a dog", rerank=False)) == ["nearest.png", "meant.png"]
    assert names(Query("a dog")) == ["meant.png", "nearest.png"]


@dataclass
class Green:
    """States: a number a photo."""

    green: NDArray[np.float32]

    @property
    def nbytes(self) -> int:
        return int(self.green.nbytes)

    def select(self, rows: NDArray[np.int64]) -> Green:
        return Green(self.green[rows])

    def join(self, others: list[Green]) -> Green:
        return Green(np.concatenate([self.green, *(other.green for other in others)]))


def read(path: str) -> Image.Image:
    with Image.open(path) as photo:
        return photo.convert("RGB")
