"""Results that come in while a page shows them: photos change places only where the gain is real."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from search.query import Match

REAL_GAIN = 0.02
"""How much likelier the lower photo must be, to take the place of one above it while judging goes on."""


def settled(shown: Sequence[int], matches: Sequence[Match]) -> list[Match]:
    """The matches, best first, but two neighbours that differ by less than a real gain as they were shown.

    `shown` are the ids of photos in the order they have on the page; one that is not there has none to keep.
    """
    place = {photo_id: number for number, photo_id in enumerate(shown)}
    order = list(matches)
    changed = True
    while changed:  # ends, as each exchange brings the order nearer to the one shown
        changed = False
        for upper in range(len(order) - 1):
            first, second = order[upper], order[upper + 1]
            if _keeps_its_place(first, second, place):
                order[upper], order[upper + 1] = second, first
                changed = True
    return [replace(match, rank=rank) for rank, match in enumerate(order, 1)]


def _keeps_its_place(first: Match, second: Match, place: dict[int, int]) -> bool:
    """Whether `second` was above `first` on the page, and `first` is hardly likelier."""
    if first.photo_id not in place or second.photo_id not in place:
        return False
    if first.probability is None or second.probability is None:
        return False
    was_below = place[first.photo_id] > place[second.photo_id]
    return was_below and first.probability - second.probability < REAL_GAIN
