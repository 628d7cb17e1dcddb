"""The map of the library: every photo a point, alike ones near each other; a selection is looked into."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from search.photo_map import SAMPLE
from storage.library import Library
from storage.records import ModelRef, PhotoRecord
from ui import gallery, markup
from ui.map_desk import MapDesk, PhotoMap, key_of
from ui.map_region import PLACES, Box, in_area, in_box
from ui.opened import state_of, thumbnail_of
from ui.photo_address import photo_link
from ui.render import printable
from ui.settings import Settings
from ui.visitors import may_change

LOOK_S = 1.0
"""Seconds between two looks at a map that is being drawn."""
SHOWN = 24
"""Photos of a selection on the page at once."""
COLOURS = ("nothing", "year", "folder", "camera")
HUES = 9  # more colours are not told apart
TOOL = 20
"""Pixels of a tool's icon, and between two of them."""
TOP, BOTTOM = 32, 32
"""Pixels over the points, for the tools, and under them, for what the colours mean."""
HOW = "Choose the lasso or the box over the map, and draw around some points to see these photos."


@st.cache_resource(show_spinner=False)
def desk_of(folder: Path) -> MapDesk:
    """The one desk of a library, for all visits."""
    return MapDesk(folder)


def draw(settings: Settings, library: Library, model: ModelRef) -> None:
    """The section; the first visitor has the map drawn, and afterwards only who asks for it."""
    desk = desk_of(settings.library)
    drawn = desk.latest(model)
    if drawn is None and not desk.is_drawing() and not desk.problem:
        desk.draw(library, model)
    busy = desk.is_drawing()
    st.fragment(_wait, run_every=LOOK_S if busy else None)(desk, busy)
    if drawn is None:
        return
    present = library.present_photo_ids()
    if drawn.key != key_of(present, model) and not busy:
        st.html(gallery.line("Photos came or went since this map was drawn."))
        if st.button("Draw it again", icon=":material/refresh:", disabled=not may_change()):
            desk.draw(library, model)
            st.rerun()
    if len(drawn.photo_ids) < len(present):
        st.html(gallery.line(how_many(drawn, len(present))))
    _show(drawn, library)


def _wait(desk: MapDesk, busy: bool) -> None:
    if busy and not desk.is_drawing():
        st.rerun()
    if busy:
        st.html(gallery.line("Drawing the map; a large library takes a minute."))
    elif desk.problem:
        st.html(gallery.note("The map could not be drawn", desk.problem))
        if st.button("Try again"):
            desk.problem = ""
            st.rerun()


def _show(drawn: PhotoMap, library: Library) -> None:
    records = _records(drawn.key, drawn.photo_ids.tolist(), library)
    by = st.selectbox("Colour by", COLOURS)
    areas = _chart(drawn, records, _labels(drawn, records, by, library), by)
    with st.expander("Select without a mouse"):
        across = st.slider("Left to right, in percent", 0, 100, (0, 100))
        up = st.slider("Bottom to top, in percent", 0, 100, (0, 100))
    typed: Box = (across[0] / 100, across[1] / 100), (up[0] / 100, up[1] / 100)
    if areas:
        chosen = np.logical_or.reduce([in_area(drawn.points, each) for each in areas])
    elif typed != ((0, 1), (0, 1)):
        chosen = in_box(drawn.points, typed)
    else:
        st.html(gallery.line(HOW))
        return
    inside = drawn.photo_ids[chosen].tolist()
    st.html(gallery.line(f"{len(inside):,} photos selected" + (f", {SHOWN} shown" * (len(inside) > SHOWN))))
    state = state_of(library)
    shown = [each for each in inside[:SHOWN] if each in records]
    st.html(markup.tiles(_tile(records[each], shown, state, library) for each in shown))


def how_many(drawn: PhotoMap, present: int) -> str:
    """How many of the photos that are there lie on a map that has not all of them."""
    chosen = ", chosen by chance" if len(drawn.photo_ids) >= SAMPLE else ""
    return f"A map of {len(drawn.photo_ids):,} of {present:,} photos{chosen}."


def _chart(drawn: PhotoMap, records: dict[int, PhotoRecord], labels: list[str], by: str) -> Any:
    """The points, each with its photo's name, and the areas that the visitor has drawn."""
    series: dict[str, list[dict[str, Any]]] = {label: [] for label in sorted(set(labels))}
    for photo_id, point, label in zip(drawn.photo_ids.tolist(), drawn.points, labels, strict=True):
        value = [round(float(each), PLACES) for each in point]
        series[label].append({"name": printable(_name(records.get(photo_id))), "value": value})
    axis = {"type": "value", "min": -0.02, "max": 1.02, "show": False}
    tools = {"polygon": "Lasso", "rect": "Box", "clear": "Select nothing"}
    style: dict[str, Any] = {"opacity": 0.6}
    if by == "nothing":
        style["color"] = gallery.accent_in(st.context.theme.type)
    dot = {"type": "scatter", "symbolSize": 7, "itemStyle": style}
    spec: dict[str, Any] = {
        "animation": False,
        "grid": {"left": 0, "right": 0, "top": TOP, "bottom": BOTTOM, "outerBoundsMode": "none"},
        "xAxis": axis,
        "yAxis": axis,
        # Not HTML, which a name could be.
        "tooltip": {"formatter": "{b}", "renderMode": "richText"},
        "legend": {"show": by != "nothing", "type": "scroll", "bottom": 0, "selectedMode": False},
        "toolbox": {
            "left": 0,
            "top": 0,
            "padding": 0,
            "itemSize": TOOL,
            "itemGap": TOOL,
            "feature": {"brush": {"type": [*tools], "title": tools}},
        },
        "brush": {"xAxisIndex": "all", "outOfBrush": {"colorAlpha": 0.3}},
        "series": [{**dot, "name": label, "data": points} for label, points in series.items()],
    }
    said = f"A map of {len(labels):,} photos, those alike near each other"
    event = st.echarts_chart(spec, height=520, on_select="rerun", key="map", alt=said)
    return event.selection.areas


@st.cache_data(show_spinner=False, max_entries=4)
def _records(key: str, photo_ids: list[int], _library: Library) -> dict[int, PhotoRecord]:
    return _library.photos(photo_ids)


def _labels(drawn: PhotoMap, records: dict[int, PhotoRecord], by: str, library: Library) -> list[str]:
    """What each point is coloured by; the rare ones are `other`."""
    roots = sorted(library.roots(), key=len, reverse=True)
    labels = [_label(records.get(each), by, roots) for each in drawn.photo_ids.tolist()]
    names, counts = np.unique(labels, return_counts=True)
    frequent = set(names[np.argsort(-counts, kind="stable")[:HUES]].tolist())
    return [label if label in frequent else "other" for label in labels]


def _label(photo: PhotoRecord | None, by: str, roots: list[str]) -> str:
    if photo is None or by == "nothing":
        return ""
    if by == "year":
        return "not known" if photo.taken_at is None else str(photo.taken_at.year)
    if by == "camera":
        return printable(photo.camera or "not known")
    here = (root for root in roots for path in photo.paths[:1] if path.startswith(os.path.join(root, "")))
    return printable(next(here, "not there"))


def _name(photo: PhotoRecord | None) -> str:
    return os.path.basename(photo.paths[0]) if photo is not None and photo.paths else "no longer there"


def _tile(photo: PhotoRecord, among: list[int], state: str, library: Library) -> markup.Tile:
    """One photo, which leads to its page; from there one goes on to those beside it."""
    name = _name(photo)
    link = photo_link(photo.photo_id, among=among)
    return markup.Tile(thumbnail_of(photo.photo_id, state, library), name, (name,), link=link)
