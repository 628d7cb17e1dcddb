"""Photos move on the page only for a real gain."""

from collections.abc import Sequence

from search.query import Match
from ui.settled_order import settled


def matches(*found: tuple[int, float | None]) -> list[Match]:
    return [
        Match(rank, photo_id, f"/{photo_id}.jpg", (), 0.5, chance, 3, 2, None)
        for rank, (photo_id, chance) in enumerate(found, 1)
    ]


def ids(order: Sequence[Match]) -> list[int]:
    return [match.photo_id for match in order]


def test_a_hardly_likelier_photo_stays_below() -> None:
    assert ids(settled([1, 2], matches((2, 0.51), (1, 0.50)))) == [1, 2]


def test_a_likelier_photo_goes_up() -> None:
    assert ids(settled([1, 2], matches((2, 0.60), (1, 0.50)))) == [2, 1]


def test_a_photo_passes_some_and_not_others() -> None:
    """3 is far likelier than 1, and hardly likelier than 2."""
    assert ids(settled([1, 2, 3], matches((3, 0.61), (2, 0.60), (1, 0.50)))) == [2, 3, 1]


def test_new_and_unjudged_photos_are_where_the_engine_has_them() -> None:
    assert ids(settled([1, 2], matches((9, 0.51), (1, 0.50), (2, None)))) == [9, 1, 2]
    assert ids(settled([2, 1], matches((1, 0.01), (2, None)))) == [1, 2]


def test_ranks_are_places_on_the_page() -> None:
    order = settled([1, 2], matches((2, 0.51), (1, 0.50)))
    assert [(match.rank, match.photo_id) for match in order] == [(1, 1), (2, 2)]
