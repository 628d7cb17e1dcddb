"""Photos that are the same to a person: exact copies, resized or recompressed versions, shots of one burst.

Nearest neighbours by embedding give the candidates; the perceptual hash, and the camera's clock, decide.
Only pairs that are close by embedding are ever compared, so the work grows with the library, and not with
its square.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

import numpy as np

from storage.library import Library
from storage.records import ModelRef, PhotoRecord

Kind: TypeAlias = Literal["copies", "near-duplicates", "burst"]
Fingerprint: TypeAlias = Callable[[str], int | None]
"""A file's path to the perceptual hash of its photo; None when it cannot be read."""

LEAST_SIMILARITY = 0.70
"""Least cosine of two photos that can belong together. It keeps apart what has a like hash or time by chance;
half-sized copies of 64 Flickr8k photos had cosines down to 0.73 with mini."""
NEAR_BITS = 8
"""Most bits in which the hashes of two versions differ. Of 64 Flickr8k photos 95 % of the halved and of the
recompressed copies were within 2, and 98 % of those with 2 % cut off every edge within 8; of 79,800 pairs of
400 such photos only the 3 were that are two versions of one."""
BURST_SECONDS = 3.0
"""Most seconds between two shots of a burst that follow each other."""
NEIGHBOURS = 32
"""Nearest photos that are looked at for each; a longer row of equals is joined link by link."""


@dataclass(frozen=True, slots=True)
class Group:
    """Photos that belong together, the one to keep first: the largest, then the one with the most bytes."""

    kind: Kind
    photos: tuple[PhotoRecord, ...]


def find_duplicates(library: Library, model: ModelRef, fingerprint: Fingerprint) -> list[Group]:
    """All groups: copies, then near-duplicates, then bursts; within a kind by the first photo's path.

    Args:
        library: Photos without a present file are left out.
        model: Whose embeddings are compared.
        fingerprint: Asked for photos that were indexed before their hash was kept, where it could decide.

    Raises:
        storage.errors.ModelMismatch: The library holds embeddings, but of other models.
    """
    copies = [Group("copies", (photo,)) for photo in _photos(library) if len(photo.paths) > 1]
    links: dict[Kind, list[tuple[int, int]]] = {"near-duplicates": [], "burst": []}
    for block in _candidates(library, model):
        photos = library.photos({photo_id for pair in block for photo_id in pair})
        for one, other in sorted(block):
            kind = relation(photos[one], photos[other], fingerprint)
            if kind is not None:
                links[kind].append((one, other))
    found = [group for kind, pairs in links.items() for group in _groups(kind, pairs, library)]
    return [*sorted(copies, key=_place), *found]


def relation(one: PhotoRecord, other: PhotoRecord, fingerprint: Fingerprint) -> Kind | None:
    """What two photos with like embeddings are to each other."""
    if not (one.paths and other.paths):
        return None
    apart = _seconds_apart(one, other)
    if apart is not None and 0 < apart <= BURST_SECONDS:
        return "burst"
    if _same_picture(one, other, fingerprint):
        return "near-duplicates"
    # Many cameras write whole seconds: two shots within one have the same time, as a photo and its copy have.
    return "burst" if apart == 0 else None


def differing_bits(one: int, other: int) -> int:
    """In how many of their 64 bits two hashes differ."""
    return ((one ^ other) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()


def _photos(library: Library) -> Iterator[PhotoRecord]:
    ids = library.present_photo_ids()
    for start in range(0, len(ids), 10_000):
        yield from library.photos(ids[start : start + 10_000].tolist()).values()


def _candidates(library: Library, model: ModelRef) -> Iterator[set[tuple[int, int]]]:
    """Pairs of photos, the lower id first, that are close enough to be anything."""
    for ids, scores, near in library.neighbours(model, NEIGHBOURS + 1):
        rows, columns = np.nonzero((scores >= LEAST_SIMILARITY) & (near >= 0) & (near != ids[:, None]))
        firsts, seconds = ids[rows], near[rows, columns]
        low, high = np.minimum(firsts, seconds).tolist(), np.maximum(firsts, seconds).tolist()
        yield set(zip(low, high, strict=True))


def _same_picture(one: PhotoRecord, other: PhotoRecord, fingerprint: Fingerprint) -> bool:
    first, second = (
        photo.phash if photo.phash is not None else fingerprint(photo.paths[0]) for photo in (one, other)
    )
    return first is not None and second is not None and differing_bits(first, second) <= NEAR_BITS


def _seconds_apart(one: PhotoRecord, other: PhotoRecord) -> float | None:
    """Between two shots of one camera; None when they are not, or their time is not known."""
    if one.camera is None or one.camera != other.camera or one.taken_at is None or other.taken_at is None:
        return None
    return abs(_between(one.taken_at, other.taken_at).total_seconds())


def _between(one: datetime, other: datetime) -> timedelta:
    if (one.tzinfo is None) != (other.tzinfo is None):  # one camera, so one clock
        one, other = one.replace(tzinfo=None), other.replace(tzinfo=None)
    return one - other


def _groups(kind: Kind, links: Iterable[tuple[int, int]], library: Library) -> list[Group]:
    """The photos that links join, directly or through others."""
    joined: dict[int, list[int]] = {}
    roots = _joined(links)
    for photo_id, root in roots.items():
        joined.setdefault(root, []).append(photo_id)
    photos: Mapping[int, PhotoRecord] = library.photos(roots)
    # Another program may have found files gone, or forgotten photos, since they were compared.
    there = {photo_id: photo for photo_id, photo in photos.items() if photo.paths}
    found = ([there[each] for each in ids if each in there] for ids in joined.values())
    groups = [Group(kind, tuple(sorted(some, key=_best))) for some in found if len(some) > 1]
    return sorted(groups, key=_place)


def _joined(links: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Every linked photo, and the lowest id of those it is joined with: union-find with path halving."""
    parent: dict[int, int] = {}

    def root(photo_id: int) -> int:
        parent.setdefault(photo_id, photo_id)
        while parent[photo_id] != photo_id:
            parent[photo_id] = parent[parent[photo_id]]
            photo_id = parent[photo_id]
        return photo_id

    for one, other in links:
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    return {photo_id: root(photo_id) for photo_id in list(parent)}


def _best(photo: PhotoRecord) -> tuple[int, int, str]:
    return -photo.width * photo.height, -photo.size, photo.paths[0]


def _place(group: Group) -> str:
    return group.photos[0].paths[0]
