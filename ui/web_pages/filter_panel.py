"""The sidebar: which photos may be found at all, each choice with how many photos it leaves."""

from __future__ import annotations

import calendar
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import streamlit as st

from storage.facets import Counts, Facets
from storage.filters import Filter
from storage.library import Library
from ui import gallery
from ui.render import printable
from ui.web_pages import place_map
from ui.web_pages.address_bar import asked, go, show, typed

MOST_CHOICES = 300
"""Names in one list; more are found by typing, after another filter."""
EVERY = ""
STARS = (None, 1, 2, 3, 4, 5)


def draw(library: Library) -> Facets:
    """The panel; what it counted."""
    wanted = asked().wanted
    inside = wanted.folders[-1] if wanted.folders else None
    facets = library.facets(wanted, inside)
    with st.sidebar:
        st.html(f'<h2 class="bl-panel">Filters</h2>{gallery.line(f"{facets.photos:,} photos fit")}')
        _folders(facets.folders, inside, library.roots())
        _months(facets.months, wanted)
        _names("Camera", "cameras", facets.cameras, wanted.cameras)
        place_map.draw(facets, wanted)
        _names("Place", "places", facets.places, wanted.places)
        _names("Tag", "tags", facets.tags, wanted.tags)
        _names("Kind", "kinds", facets.kinds, wanted.kinds)
        _stars(facets.ratings, wanted.rating)
        show("f-copies", wanted.copies)
        st.toggle("More than one copy", key="f-copies", on_change=_chosen, args=("copies", bool))
    return facets


def months_between(months: Sequence[str]) -> list[str]:
    """All months from the first to the last of these, as `2023-05`."""
    if not months:
        return []
    first, last = (int(each[:4]) * 12 + int(each[5:7]) - 1 for each in (min(months), max(months)))
    return [f"{each // 12:04}-{each % 12 + 1:02}" for each in range(first, last + 1)]


def first_day(month: str) -> date:
    """The first day of `2023-05`."""
    return date(int(month[:4]), int(month[5:7]), 1)


def last_day(month: str) -> date:
    """The last day of `2023-05`."""
    year, number = int(month[:4]), int(month[5:7])
    return date(year, number, calendar.monthrange(year, number)[1])


def above(folder: str, roots: Sequence[str]) -> list[str]:
    """The folder and those that it lies in, from the library's own down to itself."""
    path = [folder]
    while path[0] not in roots and os.path.dirname(path[0]) != path[0]:
        path.insert(0, os.path.dirname(path[0]))
    return path if path[0] in roots else [folder]


def _folders(counts: Counts[str], inside: str | None, roots: Sequence[str]) -> None:
    """A list of the way down to the folder that is chosen, and of the folders in it."""
    way = above(inside, roots) if inside else []
    numbers = dict(counts)
    depth = {folder: level for level, folder in enumerate(way)}

    def label(folder: str) -> str:
        if folder == EVERY:
            return "All folders"
        name = printable(folder if folder in roots else os.path.basename(folder))
        indented = "\u2003" * depth.get(folder, len(way)) + name
        return f"{indented} ({numbers[folder]:,})" if folder in numbers else indented

    below = [folder for folder in numbers if folder not in depth and _sayable(folder)][:MOST_CHOICES]
    show("f-folders", inside or EVERY)
    st.selectbox(
        "Folder", [EVERY, *way, *below], key="f-folders", format_func=label,
        on_change=_chosen, args=("folders", lambda folder: (folder,) if folder else ()),
    )  # fmt: skip


def _months(counts: Counts[str], wanted: Filter) -> None:
    """How many photos each month has, over a slider from the first to the last."""
    months = months_between([month for month, _ in counts])
    if len(months) < 2:
        return
    found = dict(counts)
    rows = [{"month": month, "photos": found.get(month, 0)} for month in months]
    # As Vega-Lite: Altair checks each row against its schema, which takes longer than all else here.
    x = {"field": "month", "type": "ordinal", "axis": None}
    y = {"field": "photos", "type": "quantitative", "axis": None}
    tooltip = [{"field": "month", "type": "ordinal"}, {"field": "photos", "type": "quantitative"}]
    chart = {
        "data": {"values": rows},
        "mark": {"type": "bar", "color": gallery.ACCENT},
        "encoding": {"x": x, "y": y, "tooltip": tooltip},
    }
    st.vega_lite_chart(spec=chart, width="stretch", height=60, alt="Photos by month")
    first = wanted.taken_from.isoformat()[:7] if wanted.taken_from else months[0]
    last = wanted.taken_to.isoformat()[:7] if wanted.taken_to else months[-1]
    span = tuple(min(max(each, months[0]), months[-1]) for each in (first, last))
    show("f-months", span)
    whole = months[0], months[-1]
    # Without a value it would read one month from a browser that sends two, whatever the session holds.
    st.select_slider("Taken", months, whole, key="f-months", on_change=_months_chosen, args=whole)


def _months_chosen(earliest: str, latest: str) -> None:
    first, last = typed("f-months")
    now = asked()
    wanted = replace(
        now.wanted,
        taken_from=None if first == earliest else first_day(first),
        taken_to=None if last == latest else last_day(last),
    )
    go(now.first_page(wanted=wanted))


def _names(label: str, name: str, counts: Counts[Any], chosen: tuple[str, ...]) -> None:
    """A list of names of which several can be chosen; nothing where there is none."""
    numbers = dict(counts[:MOST_CHOICES])
    options = list(dict.fromkeys([*chosen, *(each for each in numbers if _sayable(each))]))
    if not options:
        return

    def words(each: str) -> str:
        return f"{printable(each)} ({numbers.get(each, 0):,})"

    key = f"f-{name}"
    show(key, list(chosen))
    st.multiselect(
        label, options, key=key, format_func=words, on_change=_chosen, args=(name, tuple), placeholder="Any"
    )


def _stars(counts: Counts[int], chosen: int | None) -> None:
    numbers = dict(counts)
    if chosen is None and not any(stars > 0 for stars in numbers):
        return

    def words(stars: int | None) -> str:
        if stars is None:
            return "Any"
        fits = sum(count for each, count in numbers.items() if each >= stars)
        return f"{'★' * stars} or more ({fits:,})"

    show("f-rating", chosen)
    st.selectbox(
        "Rating", STARS, key="f-rating", format_func=words, on_change=_chosen, args=("rating", _same)
    )


def _same(value: Any) -> Any:
    return value


def _chosen(name: str, as_value: Callable[[Any], Any]) -> None:
    """A control has another value: so has the address."""
    now = asked()
    go(now.first_page(wanted=replace(now.wanted, **{name: as_value(typed(f"f-{name}"))})))


def _sayable(name: str) -> bool:
    """Whether an address can hold it: a name that is not UTF-8 stays out of the lists."""
    return name.isascii() or name.encode("utf-8", "replace").decode("utf-8") == name
