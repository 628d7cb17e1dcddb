"""The sidebar: which photos may be found at all, each choice with how many photos it leaves."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from storage.facets import Counts, Facets
from storage.filters import Filter
from storage.library import Library
from ui import gallery
from ui.render import printable
from ui.web_pages import months_panel, place_map
from ui.web_pages.address_bar import asked, go, show, typed

MOST_CHOICES = 300
"""Names in one list; more are found by typing, after another filter."""
EVERY = ""
STARS = (None, 1, 2, 3, 4, 5)


def counted(library: Library) -> Facets:
    """What the panel says of the photos that the filters leave."""
    wanted = asked().wanted
    return library.facets(wanted, _inside(wanted))


def draw(library: Library) -> Facets:
    """The panel; what it counted."""
    wanted, facets = asked().wanted, counted(library)
    inside = _inside(wanted)
    with st.sidebar:
        st.html(f'<h2 class="bl-panel">Filters</h2>{gallery.line(f"{facets.photos:,} photos fit")}')
        _folders(facets.folders, inside, library.roots())
        months_panel.draw(facets.months, wanted)
        _names("Camera", "cameras", facets.cameras, wanted.cameras)
        place_map.draw(facets, wanted)
        _names("Place", "places", facets.places, wanted.places)
        _names("Tag", "tags", facets.tags, wanted.tags)
        _names("Kind", "kinds", facets.kinds, wanted.kinds)
        _stars(facets.ratings, wanted.rating)
        show("f-copies", wanted.copies)
        st.toggle("More than one copy", key="f-copies", on_change=_chosen, args=("copies", bool))
    return facets


def _inside(wanted: Filter) -> str | None:
    """The folder whose folders are counted; None is the library's own."""
    return wanted.folders[-1] if wanted.folders else None


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
