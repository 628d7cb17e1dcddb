"""Which photos are wanted, whatever they show: folder, date, camera, place, rating, kind, copies, tags."""

from dataclasses import dataclass
from datetime import date

from storage.errors import FilterInvalid
from storage.kinds import KINDS, Kind


@dataclass(frozen=True, slots=True)
class Near:
    """A circle on the globe.

    Attributes:
        latitude: Degrees, north positive.
        longitude: Degrees, east positive.
        km: Its radius in kilometres.
    """

    latitude: float
    longitude: float
    km: float

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            FilterInvalid: One is out of its range, or not a number.
        """
        _refuse_latitude(self.latitude)
        _refuse_longitude(self.longitude)
        if not 0 < self.km <= 20_100:  # half way round
            raise FilterInvalid(f"a distance is from 0 to 20,100 km, not {self.km:g}")


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the globe between two parallels and two meridians, as a rectangle on a map.

    Attributes:
        south: Degrees, north positive.
        west: Degrees, east positive.
        north: Degrees, not below `south`.
        east: Degrees; less than `west` where the box lies over the date line.
    """

    south: float
    west: float
    north: float
    east: float

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            FilterInvalid: One is out of its range, or not a number, or the north is south of the south.
        """
        for latitude in (self.south, self.north):
            _refuse_latitude(latitude)
        for longitude in (self.west, self.east):
            _refuse_longitude(longitude)
        if self.south > self.north:
            raise FilterInvalid(
                f"no place is both north of {self.south:g} and south of {self.north:g} degrees; "
                "a box is south, west, north, east"
            )


def _refuse_latitude(latitude: float) -> None:
    # Written so that NaN fails it.
    if not -90 <= latitude <= 90:
        raise FilterInvalid(f"a latitude is from -90 to 90 degrees, not {latitude:g}")


def _refuse_longitude(longitude: float) -> None:
    if not -180 <= longitude <= 180:
        raise FilterInvalid(f"a longitude is from -180 to 180 degrees, not {longitude:g}")


@dataclass(frozen=True, slots=True)
class Filter:
    """What a photo must be to be found: all that is set here; of several values of one any, of tags all.

    A file that is missing counts for nothing. A photo that does not say when or where it was taken is not
    found where that is asked.

    Attributes:
        folders: A present file lies in one of these, or deeper; as `os.fsdecode` gives them.
        taken_from: Taken on this day or later, by the camera's own clock.
        taken_to: Taken on this day or earlier.
        cameras: Parts of the camera's name; as `storage.name_match.is_camera`.
        places: Towns, regions, countries or their codes; as `storage.name_match.is_place`.
        near: Taken within this circle.
        box: Taken in this part of the globe.
        rating: At least so many stars, 1 to 5; of the rating that a `PhotoRecord` has.
        kinds: Of one of these kinds.
        copies: Whether it must have more than one present file.
        tags: It has all of these words, in any form that `storage.tags.normalised` knows.
    """

    folders: tuple[str, ...] = ()
    taken_from: date | None = None
    taken_to: date | None = None
    cameras: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    near: Near | None = None
    box: Box | None = None
    rating: int | None = None
    kinds: tuple[Kind, ...] = ()
    copies: bool = False
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            FilterInvalid: One is out of its range, or nothing could fit them.
        """
        if self.rating is not None and not 1 <= self.rating <= 5:
            raise FilterInvalid(f"a rating is 1 to 5 stars, not {self.rating}")
        if self.taken_from and self.taken_to and self.taken_from > self.taken_to:
            raise FilterInvalid(
                f"no day is both on or after {self.taken_from} and on or before {self.taken_to}; "
                "swap the two dates"
            )
        if unknown := [kind for kind in self.kinds if kind not in KINDS]:
            raise FilterInvalid(f"a kind is one of {', '.join(KINDS)}, not {unknown[0]}")
