"""The library's places as dots on a small map of the world: a click or a rectangle chooses where.

What draws the land is the world's towns, so that no map is fetched from anywhere. The list of places below it
does the same by keyboard.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from indexer.world import towns
from storage.facets import Facets
from storage.filters import Box, Filter
from ui import gallery
from ui.render import printable
from ui.web_pages.address_bar import asked, go, typed
from ui.world_window import Window, spread, window_around

HEIGHT = 160
MOST_DOTS, MOST_TOWNS, TOWNS_ACROSS = 400, 1500, 70
"""Together less than the 2,000 from which on Streamlit draws what a screen reader cannot read."""
LAND, CHOSEN = "#94a3b8", "#ea580c"
KEY = "f-map"


def draw(facets: Facets, wanted: Filter) -> None:
    """The map; nothing for a library whose photos say nowhere where they were taken."""
    if not facets.positions:
        return
    dots = as_dots(facets, wanted)
    key = _key(wanted)
    box = None if st.session_state[KEY]["drawn"] else wanted.box
    st.vega_lite_chart(
        spec=_chart(window_around(facets.positions.values()), dots, box),
        width="stretch", height=HEIGHT, key=key, on_select=_chosen, alt=in_words(dots),
    )  # fmt: skip
    st.html(gallery.line("Click a place, or drag a rectangle. Towns: GeoNames, CC BY 4.0"))


def as_dots(facets: Facets, wanted: Filter) -> list[dict[str, Any]]:
    """A row for each place that has photos now, most photos first."""
    return [
        {
            "place": place, "name": printable(place), "photos": photos, "chosen": place in wanted.places,
            "latitude": facets.positions[place][0], "longitude": facets.positions[place][1],
        }
        for place, photos in facets.places[:MOST_DOTS] if place in facets.positions
    ]  # fmt: skip


def in_words(dots: list[dict[str, Any]]) -> str:
    """The map for those who do not see it."""
    most = ", ".join(f"{dot['name']} {dot['photos']:,}" for dot in dots[:10])
    return f"A map of {len(dots):,} places with photos; most are of: {most}. The list below chooses them too."


def changed(selection: Mapping[str, Any], before: Filter) -> Filter | None:
    """The filter once something was chosen on the map; None if nothing was.

    A place that was chosen before is taken off by a second click; a rectangle takes the place of another.
    """
    for dot in selection.get("dot") or ():
        place = dot["place"]
        others = tuple(each for each in before.places if each != place)
        return replace(before, places=others if place in before.places else (*others, place))
    edges = selection.get("rectangle") or {}
    if "latitude" not in edges or "longitude" not in edges:
        return None if before.box is None else replace(before, box=None)
    (south, north), (west, east) = sorted(edges["latitude"]), sorted(edges["longitude"])
    # To a hundredth of a degree, a kilometre: an address that people can read.
    latitudes = [round(min(max(each, -90), 90), 2) for each in (south, north)]
    longitudes = [round(min(max(each, -180), 180), 2) for each in (west, east)]
    return replace(before, box=Box(latitudes[0], longitudes[0], latitudes[1], longitudes[1]))


def _key(wanted: Filter) -> str:
    """The name of the chart, another one where it is to forget what was selected on it.

    It remembers the rectangle that was drawn on it, which may be drawn further. For all else a new click is a
    new choice.
    """
    now = {"places": wanted.places, "box": wanted.box}
    known = st.session_state.setdefault(KEY, {"number": 0, "drawn": False, **now})
    if (known["places"], known["box"]) != (wanted.places, wanted.box):
        known.update(number=known["number"] + 1, drawn=False, **now)
    return f"{KEY}-{known['number']}"


def _chosen() -> None:
    """Something was chosen on the map, or given up: the address says so."""
    known = st.session_state[KEY]
    event = typed(f"{KEY}-{known['number']}")
    now = asked()
    wanted = None if event is None else changed(event["selection"], now.wanted)
    if wanted is None:
        return
    known.update(box=wanted.box, drawn=wanted.box is not None)  # on the chart, without being drawn again
    go(now.first_page(wanted=wanted))


def _chart(window: Window, dots: list[dict[str, Any]], box: Box | None) -> dict[str, Any]:
    """Land, the rectangle that the address names, and the dots over them, as Vega-Lite.

    Altair would check each row of the data against its schema, which takes half a second.
    """
    x = _axis("longitude", window.west, window.east)
    y = _axis("latitude", window.south, window.north)
    faint = {"type": "circle", "size": 3, "color": LAND, "opacity": 0.5, "aria": False, "clip": True}
    marks = {"type": "circle", "opacity": 0.75, "cursor": "pointer", "clip": True}
    accent = gallery.accent_in(st.context.theme.type)
    places = {
        "x": x,
        "y": y,
        "tooltip": [{"field": "name", "title": "place"}, {"field": "photos", "type": "quantitative"}],
        "size": {
            "field": "photos", "type": "quantitative", "legend": None,
            "scale": {"type": "sqrt", "range": [30, 300], "zero": True},
        },
        "color": {"condition": {"test": "datum.chosen", "value": CHOSEN}, "value": accent},
    }  # fmt: skip
    params = [
        {"name": "dot", "select": {"type": "point", "fields": ["place"], "on": "click", "toggle": False}},
        {"name": "rectangle", "select": {"type": "interval", "encodings": ["x", "y"]}},
    ]
    layers = [
        {"data": {"values": _land(window)}, "mark": faint, "encoding": {"x": x, "y": y}},
        *_drawn(box, x, y),
        {"data": {"values": dots}, "mark": marks, "encoding": places, "params": params},
    ]
    return {"layer": layers}


@functools.lru_cache(maxsize=8)
def _land(window: Window) -> list[dict[str, float]]:
    """A row for each square in which there is a town."""
    found = spread(towns(), window, TOWNS_ACROSS, MOST_TOWNS)
    rows = ((round(float(latitude), 2), round(float(longitude), 2)) for latitude, longitude in found)
    return [{"latitude": latitude, "longitude": longitude} for latitude, longitude in rows]


def _drawn(box: Box | None, x: dict[str, Any], y: dict[str, Any]) -> list[dict[str, Any]]:
    """The rectangle of an address, cut where the map ends; over the date line it is two."""
    if box is None:
        return []
    spans = [(box.west, box.east)] if box.west <= box.east else [(box.west, 180), (-180, box.east)]
    rows = [{"longitude": west, "to": east, "latitude": box.south, "up": box.north} for west, east in spans]
    mark = {"type": "rect", "color": CHOSEN, "opacity": 0.2, "clip": True, "aria": False}
    edges = {"x": x, "y": y, "x2": {"field": "to"}, "y2": {"field": "up"}}
    return [{"data": {"values": rows}, "mark": mark, "encoding": edges}]


def _axis(name: str, low: float, high: float) -> dict[str, Any]:
    scale = {"domain": [low, high], "nice": False}
    return {"field": name, "type": "quantitative", "axis": None, "scale": scale}
