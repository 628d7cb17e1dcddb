"""The route that counts: how many photos each folder, year, camera, place and tag has, under a filter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from storage.filters import Filter
from ui.api.ask import Wanted, filter_of
from ui.api.models import Text
from ui.api.parts import ServiceOf

if TYPE_CHECKING:
    from storage.facets import Facets

router = APIRouter(tags=["search"])


class WantedInside(Wanted):
    """Which photos are counted, and which folders."""

    inside: str | None = Field(
        None, description="Count the folders in this one, an absolute path; else the library's own."
    )


class NameCount(BaseModel):
    """How many photos have this."""

    value: Text
    photos: int


class NumberCount(BaseModel):
    """How many photos have this."""

    value: int
    photos: int


class Counts(BaseModel):
    """Numbers of photos; each list counts as if nothing were asked of its own field, except of tags."""

    photos: int = Field(description="All that fit.")
    folders: list[NameCount] = Field(description="In `inside`, or the library's own; by name.")
    years: list[NumberCount] = Field(description="The newest first.")
    months: list[NameCount] = Field(description="As 2023-05; the newest first.")
    cameras: list[NameCount] = Field(description="The most frequent first.")
    places: list[NameCount] = Field(description="As Bergen, Vestland, Norway; the most frequent first.")
    ratings: list[NumberCount] = Field(description="From 5 stars down to -1, rejected.")
    kinds: list[NameCount] = Field(description="photo, raw or video; the most frequent first.")
    tags: list[NameCount] = Field(description="Of the photos that fit; the most frequent first.")

    @classmethod
    def of(cls, facets: Facets) -> Counts:
        """The numbers as the library counts them."""
        years: Counter[int] = Counter()  # which keeps the order in which they come
        for month, photos in facets.months:
            years[int(month[:4])] += photos
        return cls(
            photos=facets.photos,
            folders=_names(facets.folders),
            years=_numbers(years.items()),
            months=_names(facets.months),
            cameras=_names(facets.cameras),
            places=_names(facets.places),
            ratings=_numbers(facets.ratings),
            kinds=_names(facets.kinds),
            tags=_names(facets.tags),
        )


@router.get("/facets", summary="How many photos there are, by folder, date, camera, place, kind and tag")
def facets(wanted: Annotated[WantedInside, Query()], service: ServiceOf) -> Counts:
    """How many photos each choice would leave, under the filter that is asked for."""
    return Counts.of(service.library().facets(filter_of(wanted) or Filter(), wanted.inside))


def _names(counts: Iterable[tuple[str, int]]) -> list[NameCount]:
    return [NameCount(value=value, photos=photos) for value, photos in counts]


def _numbers(counts: Iterable[tuple[int, int]]) -> list[NumberCount]:
    return [NumberCount(value=value, photos=photos) for value, photos in counts]
