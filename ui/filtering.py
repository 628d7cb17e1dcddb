"""The flags that say which photos are wanted, whatever they show, and the filter that they make together."""

import calendar
import inspect
import os
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from storage.errors import FilterInvalid
from storage.filters import Box, Filter, Near
from storage.kinds import KINDS, Kind
from ui.errors import UiError

In = Annotated[
    list[Path] | None,
    typer.Option("--in", metavar="FOLDER", help="Only photos in this folder or deeper. Repeatable."),
]
After = Annotated[
    str | None,
    typer.Option(
        "--after",
        "--since",
        metavar="DATE",
        help="Taken in this year, month or day, such as 2023-05, or later.",
    ),
]
Before = Annotated[
    str | None,
    typer.Option(
        "--before",
        "--until",
        metavar="DATE",
        help="Taken in this year, month or day (all of it), or earlier.",
    ),
]
Camera = Annotated[
    list[str] | None,
    typer.Option("--camera", metavar="NAME", help="Part of the camera's name, such as r5. Repeatable."),
]
PlaceName = Annotated[
    list[str] | None,
    typer.Option("--place", metavar="NAME", help="Town, region, country or country code. Repeatable."),
]
Around = Annotated[
    str | None,
    typer.Option(
        "--near", metavar="LAT,LON,KM", help="Taken within a distance of a point, such as 48.2,16.4,10km."
    ),
]
Rectangle = Annotated[
    str | None,
    typer.Option("--box", metavar="S,W,N,E", help="South, west, north and east of a map: 47,9.5,49,17.2."),
]
Rating = Annotated[
    int | None, typer.Option("--rating", min=1, max=5, metavar="N", help="At least N of 5 stars.")
]
KindName = Annotated[
    list[str] | None, typer.Option("--kind", metavar="KIND", help="Only photo, raw or video. Repeatable.")
]
Tagged = Annotated[
    list[str] | None, typer.Option("--tag", metavar="WORD", help="With this tag; repeated, with all of them.")
]
Copies = Annotated[bool, typer.Option("--copies", help="Only photos that are there more than once.")]

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_NUMBER = r"\s*([+-]?\d+(?:\.\d*)?)\s*"
_NEAR = re.compile(rf"{_NUMBER},{_NUMBER},{_NUMBER}(km|m|mi|)\s*", re.IGNORECASE)
_BOX = re.compile(",".join([_NUMBER] * 4))
_KM = {"": 1.0, "km": 1.0, "m": 0.001, "mi": 1.609344}


def with_filter(command: Callable[..., None]) -> Callable[..., None]:
    """A command with the flags of a filter after its own; the filter they make is its argument `wanted`."""
    filter_flags = inspect.signature(as_filter).parameters
    own = inspect.signature(command, eval_str=True).parameters
    parameters = [*(own[name] for name in own if name != "wanted"), *filter_flags.values()]

    def run(**typed: Any) -> None:
        wanted = as_filter(**{name: typed.pop(name) for name in filter_flags})
        command(**typed, wanted=wanted)

    # What Typer reads.
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    keyword_only = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters]
    run.__signature__ = inspect.Signature(keyword_only)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run


def as_filter(
    *,
    folders: In = None,
    after: After = None,
    before: Before = None,
    camera: Camera = None,
    place: PlaceName = None,
    near: Around = None,
    box: Rectangle = None,
    rating: Rating = None,
    kind: KindName = None,
    copies: Copies = False,
    tag: Tagged = None,
) -> Filter | None:
    """The filter that flags make; None when none was given. A new flag is a parameter here.

    Raises:
        UiError: one cannot be understood.
    """
    try:
        wanted = Filter(
            folders=tuple(os.path.realpath(folder.expanduser()) for folder in folders or ()),
            taken_from=None if after is None else first_day("--after", after),
            taken_to=None if before is None else last_day("--before", before),
            cameras=_names("--camera", camera),
            places=_names("--place", place),
            near=None if near is None else circle(near),
            box=None if box is None else rectangle(box),
            rating=rating,
            kinds=tuple(_kind(each) for each in kind or ()),
            copies=copies,
            tags=tuple(tag or ()),
        )
    except FilterInvalid as error:
        raise UiError(f"{error}.") from error
    return None if wanted == Filter() else wanted


def refuse_unknown_folders(wanted: Filter | None, roots: Iterable[str], index: str) -> None:
    """Refuse a folder in which the library can have no photo; `index` is the command that adds folders.

    Raises:
        UiError: it lies in none of the library's folders, and none lies in it.
    """
    known = list(roots)
    for folder in wanted.folders if wanted else ():
        if not any(os.path.commonpath((root, folder)) in (root, folder) for root in known):
            folders = ", ".join(known) or "none yet"
            raise UiError(
                f"--in {folder}: expected one of the library's folders ({folders}) or a folder in them; "
                f"`{index}` adds it."
            )


def chosen_first(paths: Sequence[str], wanted: Filter | None) -> tuple[str, ...]:
    """A photo's paths, those in the folders that the filter names before its copies elsewhere."""
    folders = [os.path.join(folder, "") for folder in wanted.folders] if wanted else []
    return tuple(sorted(paths, key=lambda path: not any(path.startswith(folder) for folder in folders)))


def first_day(flag: str, text: str) -> date:
    """The first day of a year, a month or a day, as in 2023, 2023-05 and 2023-05-31.

    Raises:
        UiError: it is none of these.
    """
    return _span(flag, text)[0]


def last_day(flag: str, text: str) -> date:
    """The last day of a year, a month or a day; as `first_day`."""
    return _span(flag, text)[1]


def circle(text: str) -> Near:
    """The circle that `48.2,16.4,10km` is: latitude, longitude and radius, in km unless it says m or mi.

    Raises:
        UiError: it is not three such numbers.
        FilterInvalid: they are out of their range.
    """
    if (found := _NEAR.fullmatch(text)) is None:
        raise UiError(
            f"--near {text}: expected latitude, longitude and distance with commas between them, "
            "as --near 48.2,16.4,10km"
        )
    latitude, longitude, distance, unit = found.groups()
    return Near(float(latitude), float(longitude), float(distance) * _KM[unit.lower()])


def rectangle(text: str) -> Box:
    """The box that `47,9.5,49,17.2` is: south, west, north and east, in degrees.

    Raises:
        UiError: it is not four such numbers.
        FilterInvalid: they are out of their range.
    """
    if (found := _BOX.fullmatch(text)) is None:
        raise UiError(
            f"--box {text}: expected south, west, north and east with commas between them, "
            "as --box 47,9.5,49,17.2"
        )
    return Box(*map(float, found.groups()))


def _span(flag: str, text: str) -> tuple[date, date]:
    found = _DATE.fullmatch(text.strip())
    try:
        if found is None:
            raise ValueError("not of this form")
        year, month, day = (None if part is None else int(part) for part in found.groups())
        first = date(year or 0, month or 1, day or 1)
        last_month = month or 12
        return first, date(first.year, last_month, day or calendar.monthrange(first.year, last_month)[1])
    except ValueError as error:
        raise UiError(
            f"{flag} {text}: expected a year, a month or a day that there is, as 2023, 2023-05 or 2023-05-31."
        ) from error


def _names(flag: str, names: Sequence[str] | None) -> tuple[str, ...]:
    if any(not name.strip(" ,") for name in names or ()):
        raise UiError(f"{flag}: expected a name, found nothing.")
    return tuple(names or ())


def _kind(name: str) -> Kind:
    kind = name.strip().lower()
    if kind not in KINDS:
        raise UiError(f"--kind {name}: expected {', '.join(KINDS[:-1])} or {KINDS[-1]}.")
    return kind
