"""What is looked for, and what is found: `Query`, `Match`, `Results`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from search.errors import EmptyCaption, SearchError
from storage.records import PhotoRecord


@dataclass(frozen=True)
class Query:
    """What is looked for. The first `shortlist` photos by similarity are re-ranked, whatever `k` is."""

    caption: str
    k: int = 10
    shortlist: int = 100
    rerank: bool = True


@dataclass(frozen=True)
class Match:
    """One photo found.

    `similarity` is a cosine from -1 to 1; `probability` from 0 to 1, None if the photo was not judged, is the
    calibrated one where the results are calibrated, else ITM's own. `record` has all the library knows of it.
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


@dataclass(frozen=True)
class Results:
    """Matches, best first. `seconds` tells where the time went: embed, shortlist, rerank.

    `nothing_matches` says that even the best is too unlikely to be what the caption means; only a
    calibrated checkpoint knows.
    """

    query: Query
    matches: tuple[Match, ...]
    model_name: str
    truncated_caption: bool
    calibrated: bool = False
    nothing_matches: bool = False
    seconds: dict[str, float] = field(default_factory=dict)


def check(query: Query, caption: str) -> None:
    """Refuse what cannot be searched for.

    Raises:
        EmptyCaption: there is no caption.
        SearchError: a count is below 1.
    """
    if not caption:
        raise EmptyCaption('the caption is empty: describe the photo in words, such as "two dogs on a beach"')
    for name, value in (("number of results", query.k), ("shortlist", query.shortlist)):
        if value < 1:
            raise SearchError(f"the {name} is {value}: expected 1 or more")


def as_match(rank: int, similarity: float, photo: PhotoRecord, chance: float | None) -> Match:
    """One row of the answer."""
    return Match(
        rank=rank, photo_id=photo.photo_id, path=photo.paths[0], copies=photo.paths[1:],
        similarity=similarity, probability=chance,
        width=photo.width, height=photo.height, taken_at=photo.taken_at,
        record=photo,
    )  # fmt: skip
