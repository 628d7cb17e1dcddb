"""Where the line is drawn, and which answers are kept."""

import itertools
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import StopException

from search.query import Match, Query, Results
from ui import live_search
from ui.live_search import LiveSearch
from ui.web_pages import live_answer
from ui.web_pages.live_answer import LatestAnswers, first_below


def matches(*chances: float | None) -> list[Match]:
    return [
        Match(rank, rank, f"/{rank}.jpg", (), 0.5, chance, 3, 2, None)
        for rank, chance in enumerate(chances, 1)
    ]


@pytest.mark.parametrize(
    ("chances", "place"),
    [
        ((0.9, 0.5, 0.1, None), 2),
        ((0.9, 0.1, 0.5), None),  # nothing below the last good one
        ((0.1, None), None),  # the page says that nothing matches
        ((0.9, 0.8), None),
        ((), None),
    ],
)
def test_the_line_is_under_the_last_that_reaches_the_threshold(
    chances: tuple[float | None, ...], place: int | None
) -> None:
    assert first_below(matches(*chances), 0.5) == place


def test_raw_scores_draw_no_line() -> None:
    assert first_below(matches(0.9, 0.1), None) is None


def test_the_answer_that_was_not_asked_for_longest_goes() -> None:
    answers = LatestAnswers(2)
    one, two, three = (Results(Query(word), (), "model", False) for word in ("one", "two", "three"))
    answers.keep("one", one)
    answers.keep("two", two)
    assert answers.get("one") == one
    answers.keep("three", three)
    assert (answers.get("one"), answers.get("two"), answers.get("three")) == (one, None, three)


class Seldom:
    """An engine whose first search stops after one answer of three, as when its page does not look."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.searches = 0
        self._monkeypatch = monkeypatch

    def refine(self, query: Query) -> Iterator[Results]:
        self.searches += 1
        self._monkeypatch.setattr(live_search, "PATIENCE_S", -1.0 if self.searches == 1 else 600.0)
        for judged in (0, 16, 32):
            yield Results(query, (), "model", truncated_caption=False, judged=judged, to_judge=32)


def test_a_search_that_was_stopped_half_way_begins_again_and_only_its_end_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = Seldom(monkeypatch)
    nothing: Any = None
    monkeypatch.setattr(live_answer, "open_engine", lambda *_: engine)
    st.cache_resource.clear()
    answers = list(live_answer._as_found("a dog", Query("a dog"), nothing, nothing))
    assert [results.judged for results, ended in answers if results and ended] == [32]
    assert engine.searches == 2
    again = list(live_answer._as_found("a dog", Query("a dog"), nothing, nothing))
    assert [(results.judged, ended) for results, ended in again if results] == [(32, True)]
    assert engine.searches == 2


class Endless:
    """An engine that judges until it is stopped."""

    def __init__(self) -> None:
        self.ended = threading.Event()

    def refine(self, query: Query) -> Iterator[Results]:
        try:
            for judged in itertools.count():
                yield Results(query, (), "model", truncated_caption=False, judged=judged, to_judge=judged + 1)
        finally:
            self.ended.set()


class Closed(dict[str, Any]):
    """The state of a session whose page is closed once a search goes on: there Streamlit ends the run."""

    def get(self, key: str, default: Any = None) -> Any:
        if key in self:
            raise StopException
        return default


def test_the_search_of_a_page_that_was_closed_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Endless()
    nothing: Any = None
    monkeypatch.setattr(live_answer, "open_engine", lambda *_: engine)
    monkeypatch.setattr(
        live_answer, "LiveSearch", partial(LiveSearch, clock=lambda: 0.0)
    )  # patience never ends
    monkeypatch.setattr(st, "session_state", Closed())
    st.cache_resource.clear()
    with pytest.raises(StopException):
        list(live_answer._as_found("a dog", Query("a dog"), nothing, nothing))
    assert engine.ended.wait(60)
