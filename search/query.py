"""What is looked for, and what is found: `Query`, `Match`, `Results`."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime

from PIL import Image

from search.errors import EmptyCaption, SearchError
from storage.filters import Filter
from storage.records import PhotoRecord

FAST_SHARE = 1 / 3
"""Of a shortlist that a fast search re-ranks: beyond it hardly any photo comes first (decision 0018)."""


@dataclass(frozen=True)
class Weighted:
    """One more caption, and how much it counts; that of `Query` counts 1."""

    caption: str
    weight: float = 1.0


@dataclass(frozen=True)
class Query:
    """What is looked for. The first `shortlist` photos by similarity are re-ranked, whatever `k` is.

    Attributes:
        caption: What the photo shows; it may be empty where `like` is given.
        k: How many photos to find, versions of one photo counted once if `fold`.
        shortlist: How many photos are re-ranked.
        rerank: Whether the cross-modal model judges the shortlist.
        also: What the photo shows besides.
        unwanted: Captions of what it must not show.
        like: A photo that those found resemble: its absolute path, or the upright RGB photo itself.
        budget: Seconds that judging may take; None judges the whole shortlist.
        fold: Whether versions of one photo become one match.
        fast: Whether only the nearest third of the shortlist is re-ranked, and judged with a share of each
            photo's tokens: quicker, and other probabilities. Beyond it nothing is folded.
        filter: Which photos may be found; None is all.
    """

    caption: str = ""
    k: int = 10
    shortlist: int = 100
    rerank: bool = True
    also: tuple[Weighted, ...] = ()
    unwanted: tuple[str, ...] = ()
    like: str | Image.Image | None = None
    budget: float | None = None
    fold: bool = True
    fast: bool = False
    filter: Filter | None = None

    @property
    def most_judged(self) -> int:
        """How many photos are re-ranked at most: those that can still come first, where it is to be fast."""
        return math.ceil(self.shortlist * FAST_SHARE) if self.fast else self.shortlist

    @property
    def wanted(self) -> tuple[Weighted, ...]:
        """The captions of what is to be seen, without the spaces around them."""
        first = (Weighted(self.caption.strip()),) if self.caption.strip() else ()
        return (*first, *(Weighted(each.caption.strip(), each.weight) for each in self.also))


@dataclass(frozen=True)
class Match:
    """One photo found.

    `similarity` is a cosine from -1 to 1; `probability` from 0 to 1, None if the photo was not judged, is the
    calibrated one where the results are calibrated, else ITM's own. `record` has all the library knows of it.
    `folded` are versions of the same photo that rank below it; each has the rank of the photo shown.
    """

    rank: int
    photo_id: int
    path: str
    copies: tuple[str, ...]
    similarity: float
    probability: float | None
    width: int
    height: int
    taken_at: datetime | None
    record: PhotoRecord | None = None
    folded: tuple[Match, ...] = ()


@dataclass(frozen=True)
class Results:
    """Matches, best first. `seconds` tells where the time went: embed, shortlist, rerank.

    `nothing_matches` says that even the best is too unlikely to be what was asked for; only a calibrated
    checkpoint knows, and only once enough photos are judged. The model has gone through `judged` of the
    `to_judge` photos that are to be judged.
    """

    query: Query
    matches: tuple[Match, ...]
    model_name: str
    truncated_caption: bool
    calibrated: bool = False
    nothing_matches: bool = False
    seconds: dict[str, float] = field(default_factory=dict)
    judged: int = 0
    to_judge: int = 0


def check(query: Query) -> None:
    """Refuse what cannot be searched for.

    Raises:
        EmptyCaption: there is no caption and no photo, or one of several captions is empty.
        SearchError: a count is below 1, a weight or the budget is not above 0, or there is no re-rank to tell
            what must not be seen.
    """
    if not query.wanted and query.like is None:
        if query.unwanted:
            raise EmptyCaption(
                "there is only what must not be seen; say what to look for as well: a caption, or a photo "
                "that those found resemble"
            )
        raise EmptyCaption('the caption is empty: describe the photo in words, such as "two dogs on a beach"')
    if not all(each.caption for each in query.wanted) or not all(each.strip() for each in query.unwanted):
        raise EmptyCaption('one of the captions is empty: say in words what it is about, such as "snow"')
    for name, value in (("number of results", query.k), ("shortlist", query.shortlist)):
        if value < 1:
            raise SearchError(f"the {name} is {value}: expected 1 or more")
    for each in query.wanted:
        if not (each.weight > 0 and math.isfinite(each.weight)):
            raise SearchError(f'the weight of "{each.caption}" is {each.weight}: expected a number above 0')
    if query.unwanted and not query.rerank:
        raise SearchError(
            "what is not wanted is found by the re-rank, which is switched off: switch it on, "
            "or leave out what is not wanted"
        )
    if query.budget is not None and not (query.budget > 0 and math.isfinite(query.budget)):
        raise SearchError(f"the budget is {query.budget} seconds: expected a number above 0")


def as_match(
    rank: int, similarity: float, photo: PhotoRecord, chance: float | None, folded: tuple[Match, ...] = ()
) -> Match:
    """One row of the answer."""
    return Match(
        rank=rank, photo_id=photo.photo_id, path=photo.paths[0], copies=photo.paths[1:],
        similarity=similarity, probability=chance,
        width=photo.width, height=photo.height, taken_at=photo.taken_at,
        record=photo, folded=folded,
    )  # fmt: skip
