"""What FAISS finds for a query, and the cosines with each of its parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from search.asked import Asked, ask, resembled
from search.query import Query, Weighted
from search.shortlist import Found, cosines, embeddings, find
from storage.filters import Filter
from storage.records import ModelRef

MODEL = ModelRef("f" * 16, "by-hand", 256)
MakeEncoder = Callable[..., Any]


def refuse(path: str) -> Image.Image:
    raise AssertionError(path)


def looked_for(shelf: Any, encoder: Any, query: Query) -> tuple[Asked, Found]:
    asked = ask(query, encoder, resembled(query, encoder, shelf.library, refuse))
    return asked, find(query, asked, shelf.library, MODEL)


def ids(found: Found) -> list[int]:
    return [photo.photo_id for photo in found.photos]


@pytest.fixture
def ten(shelf: Any) -> Any:
    """Photos with ids 1 to 10, at similarities of 15 to 6 sixteenths."""
    for row in range(10):
        shelf.put(f"{row}.png", 15 - row)
    return shelf


@pytest.mark.parametrize(
    ("k", "shortlist", "fold", "found", "size"),
    [
        (2, 3, False, 3, 3),
        (4, 3, False, 4, 3),
        (2, 3, True, 5, 3),
        (20, 3, True, 10, 3),
        (2, 99, True, 10, 10),
    ],
)
def test_folding_leaves_enough_for_k_behind_the_shortlist(
    ten: Any, make_encoder: MakeEncoder, k: int, shortlist: int, fold: bool, found: int, size: int
) -> None:
    _, near = looked_for(ten, make_encoder(), Query("a dog", k=k, shortlist=shortlist, fold=fold))
    assert ids(near) == list(range(1, found + 1))
    assert near.similarities[:3] == (15 / 16, 14 / 16, 13 / 16)
    assert (near.size, [photo.photo_id for photo in near.shortlist]) == (size, list(range(1, size + 1)))


@pytest.mark.parametrize("k", [2, 20])
@pytest.mark.parametrize(("shortlist", "size"), [(1, 1), (7, 3), (9, 3), (99, 10)])
def test_a_fast_search_re_ranks_the_nearest_third_and_finds_as_much(
    ten: Any, make_encoder: MakeEncoder, k: int, shortlist: int, size: int
) -> None:
    query = Query("a dog", k=k, shortlist=shortlist, fold=False, fast=True)
    _, near = looked_for(ten, make_encoder(), query)
    assert ids(near) == list(range(1, min(10, max(k, shortlist)) + 1))
    assert [photo.photo_id for photo in near.shortlist] == list(range(1, size + 1))


def test_the_photo_to_resemble_is_not_among_them_and_another_takes_its_place(
    ten: Any, make_encoder: MakeEncoder
) -> None:
    query = Query(like=ten.path("1.png"), k=1, shortlist=4, fold=False)
    _, near = looked_for(ten, make_encoder(), query)
    assert len(near.photos) == 4
    assert 2 not in ids(near)


def test_a_filter_goes_into_the_search(ten: Any, make_encoder: MakeEncoder) -> None:
    ten.library.tags.give([1, 3, 5, 7, 9], "odd")
    odd = Filter(tags=("odd",))
    _, near = looked_for(ten, make_encoder(), Query("a dog", k=1, shortlist=4, fold=False, filter=odd))
    assert ids(near) == [1, 3, 5, 7]


def test_one_caption_has_the_cosines_of_the_search(ten: Any, make_encoder: MakeEncoder) -> None:
    asked, near = looked_for(ten, make_encoder(), Query("a dog", shortlist=2))
    found, resemblance = cosines(asked, near, lambda: embeddings(near.shortlist, ten.library, MODEL))
    assert (found.tolist(), resemblance) == ([[15 / 16], [14 / 16]], None)


def test_a_photo_alone_has_the_cosines_of_the_search(ten: Any, make_encoder: MakeEncoder) -> None:
    asked, near = looked_for(ten, make_encoder(), Query(like=ten.path("0.png"), shortlist=3))
    found, resemblance = cosines(asked, near, lambda: embeddings(near.shortlist, ten.library, MODEL))
    assert resemblance is not None
    assert found.shape == (3, 0)
    assert resemblance.tolist() == list(near.similarities[:3])


def test_each_of_several_captions_and_a_photo_has_its_own(ten: Any, make_encoder: MakeEncoder) -> None:
    ten.put("same.png", 16)
    query = Query(
        "a dog", also=(Weighted("snow"),), unwanted=("a cat",), like=ten.path("same.png"), shortlist=2
    )
    asked, near = looked_for(ten, make_encoder(), query)
    found, resemblance = cosines(asked, near, lambda: embeddings(near.shortlist, ten.library, MODEL))
    assert resemblance is not None
    assert found.tolist() == [[15 / 16, 1 / 16, 15 / 16], [14 / 16, 1 / 16, 14 / 16]]
    assert resemblance.tolist() == [15 / 16, 14 / 16]  # "same" is the first unit vector
