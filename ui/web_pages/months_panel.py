"""When photos were taken: a bar for each month to drag over, and a slider that does the same by keyboard."""

from __future__ import annotations

import calendar
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeAlias

import streamlit as st

from storage.facets import Counts
from storage.filters import Filter
from ui import gallery
from ui.web_pages.address_bar import asked, go, show, typed

HEIGHT = 60
KEY, SLIDER = "f-month-bars", "f-months"
Span: TypeAlias = tuple[str, str]
"""The first and the last month, as `2023-05`."""


def draw(counts: Counts[str], wanted: Filter) -> None:
    """The bars over the slider; nothing for a library of fewer months than two."""
    months = months_between([month for month, _ in counts])
    if len(months) < 2:
        return
    span = shown(wanted, months)
    st.vega_lite_chart(
        spec=_chart(rows(dict(counts), months, span)), width="stretch", height=HEIGHT,
        key=_key(wanted, months), on_select=lambda: _dragged(months),
        alt="Photos by month; the slider below chooses months too",
    )  # fmt: skip
    show(SLIDER, span)
    # Without a value it would read one month from a browser that sends two, whatever the session holds.
    st.select_slider("Taken", months, (months[0], months[-1]), key=SLIDER, on_change=_slid, args=(months,))


def months_between(months: Sequence[str]) -> list[str]:
    """All months from the first to the last of these, as `2023-05`."""
    if not months:
        return []
    first, last = (int(each[:4]) * 12 + int(each[5:7]) - 1 for each in (min(months), max(months)))
    return [f"{each // 12:04}-{each % 12 + 1:02}" for each in range(first, last + 1)]


def shown(wanted: Filter, months: Sequence[str]) -> Span:
    """Which of all months are chosen: those in which the filter's first and last day lie, or the nearest."""
    first = wanted.taken_from.isoformat()[:7] if wanted.taken_from else months[0]
    last = wanted.taken_to.isoformat()[:7] if wanted.taken_to else months[-1]
    return min(max(first, months[0]), months[-1]), min(max(last, months[0]), months[-1])


def moved(before: Filter, to: Span, months: Sequence[str]) -> Filter:
    """The filter once the slider was moved; an end that stayed where it was keeps its very day."""
    span, (first, last) = shown(before, months), _days(to, months)
    return replace(
        before,
        taken_from=before.taken_from if to[0] == span[0] else first,
        taken_to=before.taken_to if to[1] == span[1] else last,
    )


def dragged(before: Filter, edges: Sequence[float], months: Sequence[str]) -> Filter:
    """The filter once a drag went over the bars between two edges; all months without any.

    Months are counted from 0 at the left edge of the first. One whose middle was passed is chosen; where no
    middle was, the one below the drag.
    """
    if not edges:
        return replace(before, taken_from=None, taken_to=None)
    low, high = sorted(edges)
    first, last = math.ceil(low - 0.5), math.floor(high - 0.5)
    if first > last:
        first = last = math.floor((low + high) / 2)
    most = len(months) - 1
    span = months[min(max(first, 0), most)], months[min(max(last, 0), most)]
    taken_from, taken_to = _days(span, months)
    return replace(before, taken_from=taken_from, taken_to=taken_to)


def rows(found: Mapping[str, int], months: Sequence[str], span: Span) -> list[dict[str, Any]]:
    """A row of the chart for each month: its edges, how many photos, and whether it is chosen."""
    return [
        {
            "month": month, "photos": found.get(month, 0), "chosen": span[0] <= month <= span[1],
            "from": place, "to": place + 1,
        }
        for place, month in enumerate(months)
    ]  # fmt: skip


def _days(span: Span, months: Sequence[str]) -> tuple[date | None, date | None]:
    """The first and the last day of the months; None where all months are chosen on that side."""
    first, last = span
    year, number = int(last[:4]), int(last[5:7])
    end = date(year, number, calendar.monthrange(year, number)[1])
    begin = date(int(first[:4]), int(first[5:7]), 1)
    return None if first == months[0] else begin, None if last == months[-1] else end


def _key(wanted: Filter, months: Sequence[str]) -> str:
    """The name of the chart, another one where it is to forget what was dragged over on it.

    It remembers that, so that the drag may go on, as long as nothing else chooses the days.
    """
    now = wanted.taken_from, wanted.taken_to, months[0], months[-1]
    known = st.session_state.setdefault(KEY, {"number": 0, "now": now})
    if known["now"] != now:
        known.update(number=known["number"] + 1, now=now)
    return f"{KEY}-{known['number']}"


def _dragged(months: Sequence[str]) -> None:
    """A drag over the bars, or its end: the address says so."""
    known = st.session_state[KEY]
    event = typed(f"{KEY}-{known['number']}")
    if event is None:
        return
    now = asked()
    wanted = dragged(now.wanted, event["selection"].get("span", {}).get("from", ()), months)
    known.update(now=(wanted.taken_from, wanted.taken_to, months[0], months[-1]))
    go(now.first_page(wanted=wanted))


def _slid(months: Sequence[str]) -> None:
    now = asked()
    go(now.first_page(wanted=moved(now.wanted, typed(SLIDER), months)))


def _chart(values: list[dict[str, Any]]) -> dict[str, Any]:
    """The bars as Vega-Lite. Months are numbers on it, as dates would be read in the browser's time zone.

    Altair would check each row against its schema, which takes longer than all else here.
    """
    scale = {"domain": [0, len(values)], "nice": False}
    accent = gallery.accent_in(st.context.theme.type)
    return {
        "data": {"values": values},
        "mark": {"type": "bar", "color": accent, "binSpacing": 1 if len(values) <= 60 else 0},
        "encoding": {
            "x": {"field": "from", "type": "quantitative", "bin": "binned", "axis": None, "scale": scale},
            "x2": {"field": "to"},
            "y": {"field": "photos", "type": "quantitative", "axis": None},
            "opacity": {"condition": {"test": "datum.chosen", "value": 1}, "value": 0.3},
            "tooltip": [{"field": "month", "type": "ordinal"}, {"field": "photos", "type": "quantitative"}],
        },
        "params": [{"name": "span", "select": {"type": "interval", "encodings": ["x"]}}],
    }
