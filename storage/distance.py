"""Distances on the globe, as the great circle goes."""

import math

EARTH_RADIUS_KM = 6371.0


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Kilometres between two points, each latitude and longitude in degrees, on a sphere.

    Source: the haversine formula.
    """
    latitude, other_latitude = math.radians(one[0]), math.radians(other[0])
    north = math.sin((other_latitude - latitude) / 2)
    east = math.sin(math.radians(other[1] - one[1]) / 2)
    chord = north**2 + math.cos(latitude) * math.cos(other_latitude) * east**2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, chord)))


def half_height(km: float) -> float:
    """How far a circle of this radius reaches to the north and the south, in degrees of latitude."""
    return math.degrees(km / EARTH_RADIUS_KM)


def half_width(latitude: float, km: float) -> float:
    """How far a circle around a point reaches to the east and the west, in degrees of longitude.

    180, which is all around, where a pole is in it. A circle is widest not at its middle but nearer to the
    pole, where degrees are shorter.
    """
    if abs(latitude) + half_height(km) >= 90:
        return 180.0
    return math.degrees(math.asin(math.sin(km / EARTH_RADIUS_KM) / math.cos(math.radians(latitude))))
