"""A query as points in the space of embeddings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from search.asked import Asked, ask, resembled
from search.query import Query, Weighted

MakeEncoder = Callable[..., Any]


def refuse(path: str) -> Image.Image:
    raise AssertionError(path)


def asked(shelf: Any, encoder: Any, query: Query, load_photo: Callable[[str], Image.Image] = refuse) -> Asked:
    return ask(query, encoder, resembled(query, encoder, shelf.library, load_photo))


def test_one_caption_is_itself(shelf: Any, make_encoder: MakeEncoder) -> None:
    found = asked(shelf, make_encoder(), Query(" a dog "))
    assert (found.captions, found.unwanted, found.shares.tolist()) == (("a dog",), (), [1.0])
    assert found.toward.tolist() == np.eye(256)[0].tolist()
    assert found.is_plain and found.photo is None


def test_several_captions_draw_the_shortlist_by_their_weighted_mean(
    shelf: Any, make_encoder: MakeEncoder
) -> None:
    found = asked(shelf, make_encoder(), Query("a dog", also=(Weighted("snow", 0.75),)))
    # (1, 0.75) has the length 1.25.
    assert found.toward[:3].tolist() == pytest.approx([0.8, 0.6, 0])
    assert found.to_judge == ("a dog", "snow")
    assert not found.is_plain


def test_each_weight_is_a_share_of_all(shelf: Any, make_encoder: MakeEncoder) -> None:
    found = asked(shelf, make_encoder(), Query("a dog", also=(Weighted("snow", 3.0),)))
    assert found.shares.tolist() == [0.25, 0.75]


def test_what_is_not_wanted_is_judged_and_draws_nothing(shelf: Any, make_encoder: MakeEncoder) -> None:
    found = asked(shelf, make_encoder(), Query("a dog", unwanted=(" snow ",)))
    assert (found.captions, found.unwanted) == (("a dog",), ("snow",))
    assert found.texts[:, :2].tolist() == [[1, 0], [0, 1]]
    assert found.toward[:2].tolist() == [1, 0]


def test_an_indexed_photo_is_known_by_its_path_and_not_opened(shelf: Any, make_encoder: MakeEncoder) -> None:
    photo_id = shelf.put("cat.png", 12)
    found = asked(shelf, make_encoder(), Query(like=shelf.path("cat.png")))
    assert found.photo is not None
    assert found.photo[0] == 12 / 16
    assert found.toward.tolist() == found.photo.tolist()
    assert (found.photo_id, found.to_judge) == (photo_id, ())


def test_a_photo_from_outside_is_embedded_on_the_spot(shelf: Any, make_encoder: MakeEncoder) -> None:
    outside = Image.new("RGB", (3, 2), (9, 0, 0))  # ByHand embeds it at the level of its red
    for like, load in (("/elsewhere.png", lambda path: outside), (outside, refuse)):
        found = asked(shelf, make_encoder(), Query(like=like), load)
        assert found.photo is not None
        assert (found.photo[0], found.photo_id) == (9 / 16, None)


def test_an_indexed_photo_that_this_model_has_not_embedded_is_opened_and_still_no_answer_to_itself(
    shelf: Any, make_encoder: MakeEncoder
) -> None:
    photo_id = shelf.put("cat.png", 12)
    encoder = make_encoder(fingerprint="0" * 16)
    found = asked(
        shelf, encoder, Query(like=shelf.path("cat.png")), lambda path: Image.new("RGB", (3, 2), (5, 0, 0))
    )
    assert found.photo is not None
    assert (found.photo[0], found.photo_id) == (5 / 16, photo_id)


def test_what_the_loader_refuses_is_refused(shelf: Any, make_encoder: MakeEncoder) -> None:
    with pytest.raises(AssertionError, match=r"none\.png"):
        asked(shelf, make_encoder(), Query(like="/none.png"))


def test_a_photo_and_a_caption_count_the_same(shelf: Any, make_encoder: MakeEncoder) -> None:
    shelf.put("cat.png", 16)  # the first unit vector
    found = asked(shelf, make_encoder(), Query("snow", like=shelf.path("cat.png")))
    assert found.toward[:3].tolist() == pytest.approx([0.5**0.5, 0.5**0.5, 0])
