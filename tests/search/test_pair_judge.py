"""ITM over the photos of a library, with log-odds that can be read off their colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from search.pair_judge import CHUNK, PairJudge


def read(path: str) -> Image.Image:
    return Image.open(path).convert("RGB")


def put(shelf: Any, odds: list[int]) -> list[Any]:
    """Records of photos that have these log-odds, in order."""
    ids = [shelf.put(f"{place}.png", odds=value) for place, value in enumerate(odds)]
    records = shelf.library.photos(ids)
    return [records[photo_id] for photo_id in ids]


def test_each_photo_has_its_own_log_odds_with_each_caption(
    shelf: Any, make_encoder: Callable[..., Any]
) -> None:
    found = PairJudge(make_encoder(), read).log_odds(put(shelf, [3, -2, 7]), ["a dog", "a cat"])
    assert found.tolist() == [[3, 3], [-2, -2], [7, 7]]
    assert found.dtype == np.float32


def test_a_file_that_cannot_be_read_has_none_and_the_others_keep_theirs(
    shelf: Any, make_encoder: Callable[..., Any]
) -> None:
    photos = put(shelf, [3, 0, -2, 1])
    (shelf.photos / "1.png").unlink()
    (shelf.photos / "3.png").write_bytes(b"not a photo")
    found = PairJudge(make_encoder(), read).log_odds(photos, ["a dog"])[:, 0]
    np.testing.assert_array_equal(found, [3, np.nan, -2, np.nan])


def test_a_long_shortlist_is_judged_in_chunks_and_in_order(
    shelf: Any, make_encoder: Callable[..., Any]
) -> None:
    encoder = make_encoder()
    odds = [row - 35 for row in range(2 * CHUNK + 6)]
    found = PairJudge(encoder, read).log_odds(put(shelf, odds), ["a dog"])
    assert found[:, 0].tolist() == odds
    assert encoder.judged == [CHUNK, CHUNK, 6]


def test_nothing_readable_is_nothing_judged(shelf: Any, make_encoder: Callable[..., Any]) -> None:
    encoder = make_encoder()
    photos = put(shelf, [3])
    (shelf.photos / "0.png").unlink()
    judge = PairJudge(encoder, read)
    assert np.isnan(judge.log_odds(photos * 2, ["a dog"])).all()
    assert judge.log_odds([], ["a dog"]).shape == (0, 1)
    assert encoder.judged == []
