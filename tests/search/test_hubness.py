"""Hubness of embeddings in a plane, whose cosines with the typical captions can be read off."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from model.typical_captions import TypicalCaptions
from search.engine import Engine
from search.hubness import SHARPNESS, hubness, is_known
from search.query import Query

PHOTOS = np.array([[1, 0], [0.6, 0.8], [-1, 0]], np.float32)


@dataclass
class Knowing:
    """A checkpoint that knows typical captions."""

    typical_captions: TypicalCaptions | None
    hubness_share: float = 0.5


def typical(embeddings: list[list[float]], *shares: float) -> TypicalCaptions:
    return TypicalCaptions(np.array(embeddings, np.float32), np.array(shares, np.float32))


def of_photos(share: float, known: TypicalCaptions) -> NDArray[np.float32]:
    encoder: Any = Knowing(known, share)
    return hubness(encoder, PHOTOS)


def test_with_one_typical_caption_it_is_the_share_of_the_cosine_with_it() -> None:
    assert of_photos(0.5, typical([[1, 0]], 1)).tolist() == pytest.approx([0.5, 0.3, -0.5])
    assert of_photos(1.0, typical([[0, 1]], 1)).tolist() == pytest.approx([0, 0.8, 0])


def test_the_nearest_caption_counts_most_and_as_often_as_it_is_asked() -> None:
    found = of_photos(1.0, typical([[1, 0], [-1, 0]], 0.25, 0.75))
    # For the first photo the second caption is e^60 times less; what is left is a quarter of e^30.
    assert found[0] == pytest.approx(1 + math.log(0.25) / SHARPNESS)
    assert found[2] == pytest.approx(1 + math.log(0.75) / SHARPNESS)


def test_a_checkpoint_without_typical_captions_takes_nothing_off() -> None:
    encoder: Any = Knowing(None)
    assert not is_known(encoder)
    assert hubness(encoder, PHOTOS).tolist() == [0, 0, 0]


def test_no_photos_have_no_hubness() -> None:
    encoder: Any = Knowing(typical([[1, 0]], 1))
    assert hubness(encoder, PHOTOS[:0]).shape == (0,)


def names(engine: Engine, query: Query) -> list[str]:
    return [match.path.rsplit("/", 1)[-1] for match in engine.search(query).matches]


def read(path: str) -> Image.Image:
    with Image.open(path) as photo:
        return photo.convert("RGB")


def test_a_search_puts_a_hub_behind_a_photo_that_is_nearly_as_near(
    shelf: Any, make_encoder: Callable[..., Any]
) -> None:
    """What is typical is what is asked: with a share of 2, 3/16 and 2/16 become -3/16 and -2/16."""
    shelf.put("hub.png", level=3)
    shelf.put("own.png", level=2)
    encoder, first = make_encoder(similarity_weight=16.0), np.eye(1, 256, dtype=np.float32)
    ask, unranked = Query("a dog"), Query("a dog", rerank=False)
    assert names(Engine(shelf.library, encoder, read), ask) == ["hub.png", "own.png"]
    encoder.typical_captions, encoder.hubness_share = TypicalCaptions(first, np.ones(1, np.float32)), 2.0
    assert names(Engine(shelf.library, encoder, read), ask) == ["own.png", "hub.png"]
    assert names(Engine(shelf.library, encoder, read), unranked) == ["hub.png", "own.png"]
