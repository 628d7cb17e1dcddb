"""A query as the model sees it: `Asked`, its captions and its photo as points in the space of embeddings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.encoder import Encoder, LoadPhoto
from search.query import Query
from storage.library import Library
from storage.records import ModelRef

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Resembled:
    """A photo's embedding, float32, (dim,), unit L2 norm, and its id where it is one of the library."""

    embedding: Floats
    photo_id: int | None


@dataclass(frozen=True)
class Asked:
    """What a query asks for.

    Attributes:
        captions: Of what is to be seen, m of them.
        shares: How much each counts, float64, (m,), their sum 1.
        unwanted: Captions of what is not to be seen, n of them.
        texts: Embeddings of both, wanted first, float32, (m + n, dim), unit L2 norm.
        photo: Embedding of the photo to resemble, float32, (dim,), unit L2 norm; None without one.
        photo_id: That photo, where it is one of the library: it is no answer to itself.
        toward: What the shortlist is drawn by, float32, (dim,), unit L2 norm.
    """

    captions: tuple[str, ...]
    shares: NDArray[np.float64]
    unwanted: tuple[str, ...]
    texts: Floats
    photo: Floats | None
    photo_id: int | None
    toward: Floats

    @property
    def to_judge(self) -> tuple[str, ...]:
        """Every caption that the cross-modal model judges photos by: wanted first."""
        return self.captions + self.unwanted

    @property
    def is_plain(self) -> bool:
        """Whether it is one caption and nothing else, so that `toward` is the caption."""
        return len(self.to_judge) == 1 and self.photo is None


def ask(query: Query, encoder: Encoder, resembled: Resembled | None = None) -> Asked:
    """Embed the captions of a checked query, and put them together with the photo to resemble."""
    captions = tuple(each.caption for each in query.wanted)
    unwanted = tuple(each.strip() for each in query.unwanted)
    weights = np.array([each.weight for each in query.wanted], np.float64)
    shares = weights / (weights.sum() or 1)
    texts = np.empty((0, encoder.dim), np.float32)
    if captions or unwanted:
        texts = encoder.embed_captions([*captions, *unwanted])
    photo, photo_id = (None, None) if resembled is None else (resembled.embedding, resembled.photo_id)
    parts = [] if photo is None else [photo]
    if captions:
        parts.append(_unit(shares @ texts[: len(captions)]) if len(captions) > 1 else texts[0])
    toward = parts[0] if len(parts) == 1 else _unit(parts[0] + parts[1])
    return Asked(captions, shares, unwanted, texts, photo, photo_id, toward)


def resembled(query: Query, encoder: Encoder, library: Library, load_photo: LoadPhoto) -> Resembled | None:
    """The photo to resemble, if the query has one.

    One that the library knows by its path is not opened, as its embedding is stored.

    Raises:
        Exception: whatever `load_photo` raises for another one.
    """
    if query.like is None:
        return None
    known = library.photo_at(query.like) if isinstance(query.like, str) else None
    photo_id = None if known is None else known.photo_id
    if photo_id is not None:
        stored = library.embedding(photo_id, ModelRef(encoder.fingerprint, encoder.name, encoder.dim))
        if stored is not None:
            return Resembled(stored, photo_id)
    image = load_photo(query.like) if isinstance(query.like, str) else query.like
    return Resembled(encoder.embed_images(encoder.preprocessor(image)[None])[0], photo_id)


def _unit(vector: NDArray[np.floating]) -> Floats:
    """The vector with an L2 norm of 1; opposite parts that leave nothing stay nothing."""
    return (vector / (float(np.linalg.norm(vector)) or 1)).astype(np.float32)
