"""The Insight page: when and with what photos were taken, what is like what, how well search does."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import streamlit as st

from storage.errors import LibraryNotFound
from storage.tallies import ShotTally
from ui import gallery
from ui.gallery import ACCENT
from ui.opened import open_library
from ui.render import printable
from ui.settings import Settings
from ui.web_pages import evaluation_section, map_section

MOST = 12
"""Cameras and formats that get a bar of their own."""


def page() -> None:
    """The whole page."""
    settings = Settings.load()
    try:
        library = open_library(settings)
    except LibraryNotFound:
        st.html(gallery.note("No library yet", "The Library page makes one of a folder of photos."))
        return
    status = library.status()
    if not status.photos or status.active_model is None:
        st.html(gallery.note("The library is empty", "The Library page adds folders of photos."))
        return
    st.subheader("When and with what")
    _shots(library.tallies.shots(), status.photos)
    st.subheader("What is like what")
    map_section.draw(settings, library, status.active_model)
    st.subheader("How well search does")
    evaluation_section.draw(settings, library)


def _shots(shots: ShotTally, photos: int) -> None:
    dated = sum(count for _, count in shots.months)
    st.html(gallery.line(f"{dated:,} of {photos:,} photos say when they were taken."))
    if shots.months:
        months = _data("month", shots.months)
        bars = alt.Chart(months).mark_bar(color=ACCENT)
        chart = bars.encode(x=alt.X("month:T", title=None), y=alt.Y("photos:Q", title="photos"))
        st.altair_chart(chart, height=220, alt=_said("Photos by month", shots.months))
    cameras, formats = st.columns(2)
    with cameras:
        _ranking("Photos by camera", "camera", shots.cameras)
    with formats:
        _ranking("Photos by format", "format", shots.formats)


def _ranking(title: str, name: str, counts: Sequence[tuple[str, int]]) -> None:
    """A bar for each of the most frequent values, and one for all others."""
    if not counts:
        st.html(gallery.line(f"{title}: none is known."))
        return
    shown = [(printable(value), count) for value, count in counts[:MOST]]
    if len(counts) > MOST:
        shown.append(("all others", sum(count for _, count in counts[MOST:])))
    bars = alt.Chart(_data(name, shown)).mark_bar(color=ACCENT)
    chart = bars.encode(x=alt.X("photos:Q", title=title), y=alt.Y(f"{name}:N", title=None, sort=None))
    st.altair_chart(chart.properties(height=alt.Step(26)), alt=_said(title, shown))


def _data(name: str, counts: Sequence[tuple[str, int]]) -> alt.Data:
    return alt.Data(values=[{name: value, "photos": count} for value, count in counts])


def _said(title: str, counts: Sequence[tuple[str, int]]) -> str:
    """The chart for those who do not see it."""
    return f"{title}: " + ", ".join(f"{printable(value)} {count:,}" for value, count in counts[-60:])
