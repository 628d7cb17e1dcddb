"""What a request asks for, and the `Query` that it becomes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from search.query import Query
from storage.kinds import Kind
from ui.asking import weighted
from ui.errors import UiError
from ui.filtering import as_filter

if TYPE_CHECKING:
    from PIL import Image

    from storage.filters import Filter

Caption = Annotated[str, Field(max_length=2000)]
MOST_CAPTIONS = 10


class Wanted(BaseModel):
    """Which photos are wanted, whatever they show."""

    model_config = ConfigDict(extra="forbid")

    folder: list[str] = Field([], description="Only photos in one of these folders, or deeper.")
    after: str | None = Field(None, description="Only photos taken in 2023, 2023-05 or 2023-05-14, or later.")
    before: str | None = Field(
        None, description="Only photos taken in such a year, month or day, or earlier."
    )
    camera: list[str] = Field([], description="Only photos of a camera with one of these in its name.")
    place: list[str] = Field([], description="Only photos taken in one of these towns, regions, countries.")
    near: str | None = Field(None, description="Only photos taken around here: 48.2,16.4,10km.")
    box: str | None = Field(
        None, description="Only photos taken between south, west, north, east: 47,9.5,49,17.2."
    )
    rating: int | None = Field(None, ge=1, le=5, description="Only photos with at least so many stars.")
    kind: list[Kind] = Field([], description="Only files of one of these kinds.")
    tag: list[str] = Field([], description="Only photos with all of these tags.")
    has_copies: bool = Field(False, description="Only photos that have more than one file.")


class Sought(BaseModel):
    """What the photos show, and how they are looked for."""

    model_config = ConfigDict(populate_by_name=True)

    caption: Caption = Field("", description='What the photo shows, in English: "two dogs on a beach".')
    also: list[Caption] = Field(
        [], alias="and", max_length=MOST_CAPTIONS,
        description='What it shows besides; "0.5*snow" counts half.',
    )  # fmt: skip
    unwanted: list[Caption] = Field(
        [], alias="not", max_length=MOST_CAPTIONS, description="What it must not show."
    )
    like: int | None = Field(None, description="Id of a photo that those found resemble.")
    k: int = Field(10, ge=1, le=1000, description="How many photos to find.")
    shortlist: int = Field(
        100, ge=1, le=1000, description="How many the cross-modal model judges, whatever k is."
    )
    rerank: bool = Field(True, description="Whether it judges any: false is much faster and less exact.")
    fold: bool = Field(True, description="Whether versions of one photo become one match.")
    fast: bool = Field(
        False,
        description="Whether to judge the nearest third alone, by a quarter of their tokens: less exact.",
    )
    budget: float | None = Field(
        None, gt=0, le=600, description="Seconds after which no more photos are judged."
    )


class Ask(Wanted, Sought):  # /docs shows the fields of the last base first
    """A search: a caption, or a photo that those found resemble, or both; the rest narrows it."""


def as_query(ask: Ask, like: str | Image.Image | None = None) -> Query:
    """The query; `like` is a photo's path in the library or the upright RGB photo itself.

    Raises:
        UiError: a filter cannot be understood, or no photo fits them.
    """
    return Query(
        ask.caption, k=ask.k, shortlist=ask.shortlist, rerank=ask.rerank, also=weighted(ask.also),
        unwanted=tuple(ask.unwanted), like=like, budget=ask.budget, fold=ask.fold, fast=ask.fast,
        filter=filter_of(ask),
    )  # fmt: skip


def filter_of(wanted: Wanted) -> Filter | None:
    """Which photos are wanted, whatever they show; None is all.

    Raises:
        UiError: one of the filters cannot be understood, or no photo fits them.
    """
    try:
        return as_filter(
            folders=[Path(folder) for folder in wanted.folder], after=wanted.after, before=wanted.before,
            camera=wanted.camera, place=wanted.place, near=wanted.near, box=wanted.box,
            rating=wanted.rating, kind=list(wanted.kind), copies=wanted.has_copies, tag=wanted.tag,
        )  # fmt: skip
    except UiError as error:
        raise UiError(re.sub(r"\B--(?=[a-z])", "", str(error))) from error  # a field here, and no flag
