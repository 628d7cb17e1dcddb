"""The library's places as dots on a small map of the world: a click or a rectangle chooses where.

What draws the land is the world's towns, so that no map is fetched from anywhere. The list of places below it
does the same by keyboard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import altair as alt
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
    st.altair_chart(
        _chart(window_around(facets.positions.values()), dots, box),
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


def _chart(window: Window, dots: list[dict[str, Any]], box: Box | None) -> alt.LayerChart | alt.FacetChart:
    """Land, the rectangle that the address names, and the dots over them."""
    x = alt.X("longitude:Q", axis=None, scale=alt.Scale(domain=[window.west, window.east], nice=False))
    y = alt.Y("latitude:Q", axis=None, scale=alt.Scale(domain=[window.south, window.north], nice=False))
    land = [
        {"latitude": round(float(latitude), 2), "longitude": round(float(longitude), 2)}
        for latitude, longitude in spread(towns(), window, TOWNS_ACROSS, MOST_TOWNS)
    ]
    faint = alt.Chart(alt.Data(values=land)).mark_circle(
        size=3, color=LAND, opacity=0.5, aria=False, clip=True
    )
    accent = gallery.ACCENT_ON_DARK if st.context.theme.type == "dark" else gallery.ACCENT
    marks = alt.Chart(alt.Data(values=dots)).mark_circle(opacity=0.75, cursor="pointer", clip=True)
    places = marks.encode(
        x=x, y=y, tooltip=[alt.Tooltip("name:N", title="place"), "photos:Q"],
        size=alt.Size("photos:Q", legend=None, scale=alt.Scale(type="sqrt", range=[30, 300], zero=True)),
        color=alt.condition("datum.chosen", alt.value(CHOSEN), alt.value(accent)),
    ).add_params(
        alt.selection_point(name="dot", fields=["place"], on="click", toggle=False),
        alt.selection_interval(name="rectangle", encodings=["x", "y"]),
    )  # fmt: skip
    return alt.layer(faint.encode(x=x, y=y), *_drawn(box, x, y), places)


def _drawn(box: Box | None, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """The rectangle of an address, cut where the map ends; over the date line it is two."""
    if box is None:
        return []
    spans = [(box.west, box.east)] if box.west <= box.east else [(box.west, 180), (-180, box.east)]
    rows = [{"longitude": west, "to": east, "latitude": box.south, "up": box.north} for west, east in spans]
    mark = alt.Chart(alt.Data(values=rows)).mark_rect(color=CHOSEN, opacity=0.2, clip=True, aria=False)
    return [mark.encode(x=x, x2="to:Q", y=y, y2="up:Q")]
