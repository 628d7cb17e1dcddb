"""Coordinates to the town, region and country they lie in, offline.

The names are GeoNames' (CC BY 4.0), of every town with 1,000 people or more, inside the package
`reverse_geocode`; it takes a second and about 110 MB to load, so it is loaded in the main process only, and
only by a run that has met coordinates.
"""

from __future__ import annotations

from collections.abc import Sequence

from storage.distance import distance_km
from storage.library import Library
from storage.records import Place

FARTHEST_KM = 100.0
"""A town farther away than this does not say where a photo was taken: at sea, or in a desert."""

_BATCH = 5_000


def name_places(library: Library) -> int:
    """Look up the place of every photo that has coordinates and no place yet; how many were looked up.

    Photos of a library from before places were kept are among them, at its next run.
    """
    named = 0
    while waiting := library.without_place(_BATCH):
        found = places(list(waiting.values()))
        library.set_places(dict(zip(waiting, found, strict=True)))
        named += len(waiting)
    return named


def places(coordinates: Sequence[tuple[float, float]]) -> list[Place | None]:
    """The place nearest to each latitude and longitude, in degrees; None when none is near."""
    if not coordinates:
        return []
    from reverse_geocode import search

    return [
        _place(town) if distance_km(here, (town["latitude"], town["longitude"])) <= FARTHEST_KM else None
        for here, town in zip(coordinates, search(coordinates), strict=True)
    ]


def _place(town: dict[str, str]) -> Place:
    names = [town.get("city"), town.get("state"), town.get("country")]
    # A city that is its own region is named once.
    return Place(", ".join(dict.fromkeys(name for name in names if name)), town["country_code"])
