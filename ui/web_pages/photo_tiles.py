"""Photos of the library as tiles of the grid: thumbnail, links, and how well each matches."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from streamlit import runtime

from search.query import Match
from storage.library import Library
from storage.records import PhotoRecord
from ui.match_words import word_for
from ui.opened import thumbnail_of
from ui.photo_address import photo_link
from ui.render import percent, short_path
from ui.search_address import Asked, as_link
from ui.tile_grid import Shown

AMONG = 100
"""Ids of photos around it that a link to a photo names, to go on to from there."""


def matched(
    matches: Sequence[Match], now: Asked, threshold: float | None, state: str, library: Library,
    whole: bool = True,
) -> list[Shown]:  # fmt: skip
    """Tiles of what was found. Above `threshold` the probability is calibrated; None is raw.

    Where `now` is the `whole` search, and there is no picture beside it, folded versions are a link away.
    """
    ids = [match.photo_id for match in matches]
    unfolded = as_link(replace(now, fold=False)) if whole else ""

    def shown(place: int, match: Match) -> Shown:
        copies = len(match.copies)
        shape = match.width / match.height
        tile = _tile(match.photo_id, match.path, shape, match.record, ids, place, now, state, library)
        tile = replace(
            tile,
            name=f"{match.rank}. {os.path.basename(match.path)}",
            alt=_alt(match.path, match.record),
            folder=tile.folder + (f" · +{copies} {'copies' if copies > 1 else 'copy'}" if copies else ""),
            versions=len(match.folded),
            unfolded=unfolded,
        )
        return _scored(tile, match, threshold)

    return [shown(place, match) for place, match in enumerate(matches)]


def browsed(photos: Sequence[PhotoRecord], now: Asked, state: str, library: Library) -> list[Shown]:
    """Tiles of photos that nothing was said about."""
    ids = [photo.photo_id for photo in photos]

    def shown(place: int, photo: PhotoRecord) -> Shown:
        path, shape = photo.paths[0], photo.width / photo.height
        tile = _tile(photo.photo_id, path, shape, photo, ids, place, now, state, library)
        return replace(tile, alt=_alt(path, photo))

    return [shown(place, photo) for place, photo in enumerate(photos)]


def _tile(
    photo_id: int, path: str, shape: float, record: PhotoRecord | None, ids: Sequence[int], place: int,
    now: Asked, state: str, library: Library,
) -> Shown:  # fmt: skip
    thumbnail = thumbnail_of(photo_id, state, library, record)
    first = max(0, min(place - AMONG // 2, len(ids) - AMONG))
    return Shown(
        picture=_url(photo_id, thumbnail) if isinstance(thumbnail, bytes) else None,
        instead="" if isinstance(thumbnail, bytes) else thumbnail,
        alt=os.path.basename(path),
        shape=shape,
        name=os.path.basename(path),
        path=path,
        folder=short_path(os.path.dirname(path)),
        link=photo_link(photo_id, now, ids[first : first + AMONG]),
        like=as_link(now.first_page(caption="", also=(), unwanted=(), like=photo_id)),
    )


def _scored(tile: Shown, match: Match, threshold: float | None) -> Shown:
    chance = match.probability
    if chance is None:
        tip = "not judged by the model that sees photo and caption together: similarity of their embeddings"
        return replace(tile, score=f"similarity {match.similarity:.2f}", tip=tip)
    if threshold is None:
        tip = "the model's own figure, which no calibration has made a probability"
        return replace(tile, part=chance, score=f"ITM {percent(chance)}", tip=tip)
    tip = f"the probability that the photo is what the caption means; similarity {match.similarity:.3f}"
    return replace(tile, word=word_for(chance, threshold), part=chance, score=percent(chance), tip=tip)


def _alt(path: str, photo: PhotoRecord | None) -> str:
    """What somebody wrote about the photo, else the file's name."""
    return (photo.caption if photo is not None else None) or os.path.basename(path)


def _url(photo_id: int, thumbnail: bytes) -> str:
    """The address at which Streamlit serves these bytes to this visitor, as it does for `st.image`.

    It depends on the bytes alone, so a browser loads each once, however often the order changes.
    """
    return runtime.get_instance().media_file_mgr.add(thumbnail, "image/jpeg", f"thumbnail-{photo_id}")
