"""Searches over a real library, with an encoder whose scores can be worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from search.engine import Engine
from search.errors import EmptyCaption, EmptyLibrary, SearchError
from search.query import Match, Query
from storage.errors import ModelMismatch

MakeEncoder = Callable[..., Any]


def read(path: str) -> Image.Image:
    with Image.open(path) as photo:
        return photo.convert("RGB")


def names(matches: tuple[Match, ...]) -> list[str]:
    return [Path(match.path).name for match in matches]


@pytest.fixture
def animals(shelf: Any) -> Any:
    """Similarity says cat, dog, cow, bee; ITM says dog, bee, cat, cow."""
    for name, level, odds in (("cow", 4, -2), ("cat", 12, 0), ("bee", 2, 1), ("dog", 8, 3)):
        shelf.put(f"{name}.png", level, odds)
    return shelf


@pytest.fixture
def many(shelf: Any) -> Any:
    """Photos 0 to 15 at similarities of 15 to 0 sixteenths; ITM has its own order, 3 and 7 equal."""
    odds = [4, -3, 9, 0, 12, -7, 5, 0, 2, -1, 11, 6, -9, 8, 1, 3]
    for row in range(16):
        shelf.put(f"{row:02}.png", 15 - row, odds[row])
    return shelf


def test_itm_orders_what_similarity_found(animals: Any, make_encoder: MakeEncoder) -> None:
    results = Engine(animals.library, make_encoder(), read).search(Query(" a dog "))
    assert names(results.matches) == ["dog.png", "bee.png", "cat.png", "cow.png"]
    assert [match.rank for match in results.matches] == [1, 2, 3, 4]
    assert [match.similarity for match in results.matches] == [8 / 16, 2 / 16, 12 / 16, 4 / 16]
    assert [match.probability for match in results.matches] == pytest.approx(
        [0.9525741, 0.7310586, 0.5, 0.1192029]  # the sigmoids of 3, 1, 0 and -2
    )
    assert (results.model_name, results.truncated_caption) == ("by-hand", False)
    assert set(results.seconds) == {"embed", "shortlist", "rerank"}
    assert min(results.seconds.values()) >= 0


def test_a_match_tells_of_its_photo(animals: Any, make_encoder: MakeEncoder) -> None:
    best = Engine(animals.library, make_encoder(), read).search(Query("a dog")).matches[0]
    assert best.path == animals.path("dog.png")
    assert animals.library.photos([best.photo_id])[best.photo_id].content_hash == "dog.png"
    assert (best.width, best.height, best.taken_at, best.copies) == (3, 2, None, ())


def test_without_rerank_similarity_orders_and_no_photo_is_opened(
    animals: Any, make_encoder: MakeEncoder
) -> None:
    def refuse(path: str) -> Image.Image:
        raise AssertionError(path)

    encoder = make_encoder()
    results = Engine(animals.library, encoder, refuse).search(Query("a dog", rerank=False))
    assert names(results.matches) == ["cat.png", "dog.png", "cow.png", "bee.png"]
    assert {match.probability for match in results.matches} == {None}
    assert encoder.judged == []


def test_a_model_without_an_itm_head_orders_by_similarity(animals: Any, make_encoder: MakeEncoder) -> None:
    results = Engine(animals.library, make_encoder(can_match=False), read).search(Query("a dog"))
    assert names(results.matches) == ["cat.png", "dog.png", "cow.png", "bee.png"]
    assert {match.probability for match in results.matches} == {None}


def test_similarity_counts_by_the_models_weight(animals: Any, make_encoder: MakeEncoder) -> None:
    # 8 x similarity + log-odds: cat 6 + 0, dog 4 + 3, cow 2 - 2, bee 1 + 1
    results = Engine(animals.library, make_encoder(similarity_weight=8.0), read).search(Query("a dog"))
    assert names(results.matches) == ["dog.png", "cat.png", "bee.png", "cow.png"]


@pytest.mark.parametrize("rerank", [True, False])
@pytest.mark.parametrize("shortlist", [1, 5, 8, 15, 100])
def test_the_best_five_are_the_first_five_of_fifteen(
    many: Any, make_encoder: MakeEncoder, shortlist: int, rerank: bool
) -> None:
    engine = Engine(many.library, make_encoder(), read)
    query = Query("a dog", k=15, shortlist=shortlist, rerank=rerank)
    fifteen = engine.search(query).matches
    assert len(fifteen) == 15
    for k in range(1, 15):
        assert engine.search(replace(query, k=k)).matches == fifteen[:k]


def test_beyond_the_shortlist_similarity_orders_and_nothing_is_judged(
    many: Any, make_encoder: MakeEncoder
) -> None:
    encoder = make_encoder()
    results = Engine(many.library, encoder, read).search(Query("a dog", k=10, shortlist=4))
    # The first four have log-odds of 4, -3, 9 and 0.
    assert names(results.matches)[:4] == ["02.png", "00.png", "03.png", "01.png"]
    assert names(results.matches)[4:] == [f"{row:02}.png" for row in range(4, 10)]
    assert [match.probability is None for match in results.matches] == [False] * 4 + [True] * 6
    assert encoder.judged == [4]


def test_equal_log_odds_keep_the_order_of_similarity(many: Any, make_encoder: MakeEncoder) -> None:
    found = names(Engine(many.library, make_encoder(), read).search(Query("a dog", k=16)).matches)
    assert found.index("07.png") == found.index("03.png") + 1


def test_more_than_there_are_is_all_there_are(animals: Any, make_encoder: MakeEncoder) -> None:
    assert len(Engine(animals.library, make_encoder(), read).search(Query("a dog", k=1000)).matches) == 4


def test_a_file_that_cannot_be_read_keeps_its_place(animals: Any, make_encoder: MakeEncoder) -> None:
    Path(animals.path("dog.png")).write_bytes(b"damaged since it was indexed")
    matches = Engine(animals.library, make_encoder(), read).search(Query("a dog")).matches
    # By similarity dog is second; bee (1), cat (0) and cow (-2) fill the places around it.
    assert names(matches) == ["bee.png", "dog.png", "cat.png", "cow.png"]
    assert [match.probability is None for match in matches] == [False, True, False, False]
    assert matches[1].similarity == 8 / 16


@pytest.mark.parametrize("rerank", [True, False])
def test_missing_photos_are_left_out_and_others_take_their_place(
    many: Any, make_encoder: MakeEncoder, rerank: bool
) -> None:
    many.library.mark_missing([many.path("00.png"), many.path("02.png")])
    engine = Engine(many.library, make_encoder(), read)
    found = names(engine.search(Query("a dog", k=3, shortlist=3, rerank=rerank)).matches)
    assert sorted(found) == ["01.png", "03.png", "04.png"]
    many.library.mark_present([many.path("00.png")])
    found = names(engine.search(Query("a dog", k=3, shortlist=3, rerank=rerank)).matches)
    assert sorted(found) == ["00.png", "01.png", "03.png"]


def test_a_library_whose_photos_are_all_missing_gives_nothing(
    animals: Any, make_encoder: MakeEncoder
) -> None:
    animals.library.mark_missing([animals.path(f"{name}.png") for name in ("cow", "cat", "bee", "dog")])
    assert Engine(animals.library, make_encoder(), read).search(Query("a dog")).matches == ()


def test_a_replaced_photo_is_found_no_more(animals: Any, make_encoder: MakeEncoder) -> None:
    animals.put("cat.png", level=1, odds=-5, content="another cat")
    matches = Engine(animals.library, make_encoder(), read).search(Query("a dog")).matches
    assert names(matches) == ["dog.png", "bee.png", "cow.png", "cat.png"]
    assert matches[3].similarity == 1 / 16


def test_copies_are_one_match_that_names_them_all(animals: Any, make_encoder: MakeEncoder) -> None:
    first = animals.put("a dog.png", 8, 3, content="dog.png")
    animals.put("z dog.png", 8, 3, content="dog.png")
    best, second = Engine(animals.library, make_encoder(), read).search(Query("a dog", k=2)).matches
    assert (best.photo_id, best.path) == (first, animals.path("a dog.png"))
    assert best.copies == (animals.path("dog.png"), animals.path("z dog.png"))
    assert Path(second.path).name == "bee.png"


def test_a_missing_copy_is_not_shown(animals: Any, make_encoder: MakeEncoder) -> None:
    animals.put("a dog.png", 8, 3, content="dog.png")
    animals.library.mark_missing([animals.path("a dog.png")])
    best = Engine(animals.library, make_encoder(), read).search(Query("a dog")).matches[0]
    assert (best.path, best.copies) == (animals.path("dog.png"), ())


def test_photos_added_later_are_found(animals: Any, make_encoder: MakeEncoder) -> None:
    engine = Engine(animals.library, make_encoder(), read)
    assert len(engine.search(Query("a dog")).matches) == 4
    animals.put("fox.png", 16, 9)
    assert names(engine.search(Query("a dog")).matches)[0] == "fox.png"


@pytest.mark.parametrize("caption", ["", "   ", "\n\t"])
def test_an_empty_caption_is_refused(animals: Any, make_encoder: MakeEncoder, caption: str) -> None:
    engine = Engine(animals.library, make_encoder(), read)
    with pytest.raises(EmptyCaption):
        engine.search(Query(caption))


def test_an_empty_library_says_what_to_run(shelf: Any, make_encoder: MakeEncoder) -> None:
    with pytest.raises(EmptyLibrary, match="bridgelens index FOLDER"):
        Engine(shelf.library, make_encoder(), read).search(Query("a dog"))


@pytest.mark.parametrize(
    ("change", "word"), [({"k": 0}, "results"), ({"k": -3}, "results"), ({"shortlist": 0}, "short")]
)
def test_counts_below_one_are_refused(
    animals: Any, make_encoder: MakeEncoder, change: dict[str, Any], word: str
) -> None:
    with pytest.raises(SearchError, match=f"{word}.*expected 1 or more"):
        Engine(animals.library, make_encoder(), read).search(replace(Query("a dog"), **change))


def test_another_model_than_the_librarys_is_refused(animals: Any, make_encoder: MakeEncoder) -> None:
    with pytest.raises(ModelMismatch, match=r"by-hand.*other"):
        Engine(animals.library, make_encoder(fingerprint="0" * 16, name="other"), read).search(Query("a dog"))


def test_a_caption_that_was_cut_is_reported(animals: Any, make_encoder: MakeEncoder) -> None:
    engine = Engine(animals.library, make_encoder(longest_caption=5), read)
    assert not engine.search(Query("a dog")).truncated_caption
    assert engine.search(Query("a dog that runs")).truncated_caption


BY_SIMILARITY = {
    "similarity": 8.0, "log_odds": 0.0, "above_mean": 0.0, "log_share": 0.0, "log_size": 0.0,
    "constant": -4.0, "threshold": 0.5,
}  # fmt: skip
"""A calibration by which a cosine of 8/16 is as likely as not."""


def test_a_calibrated_checkpoint_gives_calibrated_probabilities(
    animals: Any, make_encoder: MakeEncoder
) -> None:
    encoder = make_encoder(calibration=BY_SIMILARITY)
    results = Engine(animals.library, encoder, read).search(Query("a dog"))
    assert names(results.matches) == ["dog.png", "bee.png", "cat.png", "cow.png"]  # the order is ITM's still
    assert [match.probability for match in results.matches] == pytest.approx(
        [0.5, 0.0474259, 0.8807971, 0.1192029]  # the sigmoids of 0, -3, 2 and -2
    )
    assert (results.calibrated, results.nothing_matches) == (True, False)


def test_nothing_matches_where_the_first_is_below_the_threshold(
    animals: Any, make_encoder: MakeEncoder
) -> None:
    encoder = make_encoder(calibration={**BY_SIMILARITY, "threshold": 0.51})
    assert Engine(animals.library, encoder, read).search(Query("a dog")).nothing_matches


def test_without_a_calibration_nothing_is_said_to_match_or_not(
    animals: Any, make_encoder: MakeEncoder
) -> None:
    for calibration in (None, {"constant": 1.0}):
        results = Engine(animals.library, make_encoder(calibration=calibration), read).search(Query("a dog"))
        assert (results.calibrated, results.nothing_matches) == (False, False)


def test_a_first_photo_that_cannot_be_read_leaves_the_word_to_the_next(
    animals: Any, make_encoder: MakeEncoder
) -> None:
    Path(animals.path("cat.png")).unlink()
    encoder = make_encoder(calibration={**BY_SIMILARITY, "threshold": 0.51})
    results = Engine(animals.library, encoder, read).search(Query("a cat"))
    assert names(results.matches)[:2] == ["cat.png", "dog.png"]
    assert [match.probability for match in results.matches[:2]] == [None, pytest.approx(0.5)]
    assert (results.calibrated, results.nothing_matches) == (True, True)


def test_similarity_alone_is_not_calibrated(animals: Any, make_encoder: MakeEncoder) -> None:
    encoder = make_encoder(calibration=BY_SIMILARITY)
    results = Engine(animals.library, encoder, read).search(Query("a dog", rerank=False))
    assert (results.calibrated, results.nothing_matches) == (False, False)
    assert [match.probability for match in results.matches] == [None] * 4


def test_the_size_that_counts_is_the_shortlists(animals: Any, make_encoder: MakeEncoder) -> None:
    by_size = {**dict.fromkeys(BY_SIMILARITY, 0.0), "log_size": 1.0}
    encoder = make_encoder(calibration=by_size)
    results = Engine(animals.library, encoder, read).search(Query("a dog", shortlist=2))
    # The sigmoid of log 2 is 2 / 3; beyond the shortlist nothing was judged.
    assert [match.probability for match in results.matches] == [
        pytest.approx(2 / 3), pytest.approx(2 / 3), None, None,
    ]  # fmt: skip
