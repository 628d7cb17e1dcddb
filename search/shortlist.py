"""FAISS's answer to what is asked: the photos nearest to it, the first of which are to be judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.asked import Asked
from search.errors import EmptyLibrary
from search.query import Query
from storage.library import Library
from storage.photo_set import PhotoSet
from storage.records import Ids, ModelRef, PhotoRecord

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Found:
    """Photos, nearest first, and their cosines with `Asked.toward`; the first `size` are the shortlist."""

    photos: tuple[PhotoRecord, ...]
    similarities: tuple[float, ...]
    size: int

    @property
    def shortlist(self) -> tuple[PhotoRecord, ...]:
        """The photos that are to be judged."""
        return self.photos[: self.size]


def find(query: Query, asked: Asked, library: Library, model: ModelRef) -> Found:
    """The nearest photos that the query allows, without the one they are to resemble.

    Raises:
        EmptyLibrary: nothing has been indexed yet.
        storage.errors.ModelMismatch: the library was indexed with another model.
    """
    index = library.index(model)
    if len(index) == 0:
        raise EmptyLibrary(f"{library.folder}: no photo is indexed yet; run: bridgelens index FOLDER")
    # Folding takes photos out of the shortlist alone, so what may have to follow it is k at most.
    wanted = query.shortlist + query.k if query.fold else max(query.shortlist, query.k)
    itself = asked.photo_id is not None
    scores, ids = index.search(asked.toward[None], wanted + itself, _allowed(query, library))
    photos = library.photos(ids[0].tolist())
    # Another program may just have found a photo's last file gone, or forgotten the photo.
    there = [
        (photo, similarity)
        for similarity, photo_id in zip(scores[0].tolist(), ids[0].tolist(), strict=True)
        if (photo := photos.get(photo_id)) is not None and photo.paths and photo_id != asked.photo_id
    ]
    found = tuple(photo for photo, _ in there), tuple(similarity for _, similarity in there)
    return Found(*found, min(query.most_judged, len(there)))


def cosines(asked: Asked, found: Found, stored: Callable[[], Floats]) -> tuple[Floats, Floats | None]:
    """Of the shortlist's photos with each caption, float32, (s, c), and with the photo, (s,), or None.

    `stored` gives the shortlist's `embeddings`; it is asked only where the search has not given the numbers.
    """
    if asked.is_plain:
        return np.array(found.similarities[: found.size], np.float32)[:, None], None
    if not asked.to_judge:
        return np.empty((found.size, 0), np.float32), np.array(found.similarities[: found.size], np.float32)
    rows = stored()
    return rows @ asked.texts.T, None if asked.photo is None else rows @ asked.photo


def embeddings(photos: Sequence[PhotoRecord], library: Library, model: ModelRef) -> Floats:
    """Float32, (n, dim), unit L2 norm; zeros for a photo forgotten since it was found."""
    stored = library.embeddings([photo.photo_id for photo in photos], model)
    none = np.zeros(model.dim, np.float32)
    rows = [stored.get(photo.photo_id, none) for photo in photos]
    return np.stack(rows) if rows else np.empty((0, model.dim), np.float32)


def _allowed(query: Query, library: Library) -> Ids | PhotoSet | None:
    """Photo ids that the index may find; None is all. The one place where a filter acts."""
    if query.filter is not None:
        return library.photo_ids_where(query.filter)
    return library.present_photos() if library.has_missing() else None
