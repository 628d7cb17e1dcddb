"""The map of the library: every photo a point, alike ones near each other; a selection is looked into."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import streamlit as st
from numpy.typing import NDArray

from search.photo_map import SAMPLE
from storage.library import Library
from storage.records import ModelRef, PhotoRecord
from ui import gallery, markup
from ui.gallery import ACCENT
from ui.map_desk import MapDesk, PhotoMap, key_of
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
Box = tuple[tuple[float, float], tuple[float, float]]
"""From and to, left to right and bottom to top, 0 to 1."""


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
    chosen = _boxed(_chart(drawn, _labels(drawn, records, by, library), by))
    with st.expander("Select without a mouse"):
        across = st.slider("Left to right, in percent", 0, 100, (0, 100))
        up = st.slider("Bottom to top, in percent", 0, 100, (0, 100))
    typed: Box = (across[0] / 100, across[1] / 100), (up[0] / 100, up[1] / 100)
    box = chosen or (typed if typed != ((0, 1), (0, 1)) else None)
    if box is None:
        st.html(gallery.line("Draw a box over some points to see these photos."))
        return
    inside = drawn.photo_ids[within(drawn.points, box)].tolist()
    st.html(gallery.line(f"{len(inside):,} photos selected" + (f", {SHOWN} shown" * (len(inside) > SHOWN))))
    state = state_of(library)
    shown = [each for each in inside[:SHOWN] if each in records]
    st.html(markup.tiles(_tile(records[each], shown, state, library) for each in shown))


def how_many(drawn: PhotoMap, present: int) -> str:
    """How many of the photos that are there lie on a map that has not all of them."""
    chosen = ", chosen by chance" if len(drawn.photo_ids) >= SAMPLE else ""
    return f"A map of {len(drawn.photo_ids):,} of {present:,} photos{chosen}."


def within(points: NDArray[np.float32], box: Box) -> NDArray[np.bool_]:
    """Which of the points, float32 (n, 2), lie in the box or on its edge: bool, (n,)."""
    (left, right), (bottom, top) = box
    # Positions are drawn to four places, so that is how exactly a box can be drawn.
    x, y = points[:, 0].round(4), points[:, 1].round(4)
    inside: NDArray[np.bool_] = (x >= left) & (x <= right) & (y >= bottom) & (y <= top)
    return inside


def _chart(drawn: PhotoMap, labels: list[str], by: str) -> Any:
    """The points, and the selection that the visitor has drawn."""
    values = [
        {"x": round(float(x), 4), "y": round(float(y), 4), "label": label}
        for (x, y), label in zip(drawn.points, labels, strict=True)
    ]
    side = alt.Scale(domain=[-0.02, 1.02])
    dots = alt.Chart(alt.Data(values=values)).mark_circle(size=36, opacity=0.6, color=ACCENT)
    chart = dots.encode(
        x=alt.X("x:Q", axis=None, scale=side),
        y=alt.Y("y:Q", axis=None, scale=side),
        **({} if by == "nothing" else {"color": alt.Color("label:N", title=by)}),
    ).add_params(alt.selection_interval(name="chosen"))
    said = f"A map of {len(values):,} photos, those alike near each other"
    return st.altair_chart(chart, height=520, on_select="rerun", key="map", alt=said)


def _boxed(event: Any) -> Box | None:
    """The box of a selection event; None without one."""
    box = event.selection.get("chosen") or {}
    if "x" not in box or "y" not in box:
        return None
    (left, right), (bottom, top) = sorted(box["x"]), sorted(box["y"])
    return (left, right), (bottom, top)


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


def _tile(photo: PhotoRecord, among: list[int], state: str, library: Library) -> markup.Tile:
    """One photo, which leads to its page; from there one goes on to those beside it."""
    name = os.path.basename(photo.paths[0]) if photo.paths else "no longer there"
    link = photo_link(photo.photo_id, among=among)
    return markup.Tile(thumbnail_of(photo.photo_id, state, library), name, (name,), link=link)
