"""A search in a thread: its answers as they come, its end, and its stop."""

import threading
from collections.abc import Iterator

import pytest

from search.query import Query, Results
from ui.live_search import PATIENCE_S, LiveSearch, Now

LONG = 30.0


def answer(judged: int) -> Results:
    return Results(Query("a dog"), (), "model", truncated_caption=False, judged=judged, to_judge=2)


class Rounds:
    """Answers that come when they are let to."""

    def __init__(self) -> None:
        self.next = threading.Semaphore(0)
        self.closed = threading.Event()
        self.given = 0

    def __call__(self) -> Iterator[Results]:
        try:
            for number in range(3):
                self.next.acquire()
                self.given += 1
                yield answer(number)
        finally:
            self.closed.set()


def test_answers_come_one_by_one_and_the_last_is_known_to_be() -> None:
    rounds = Rounds()
    live = LiveSearch(rounds)
    assert live.wait(0, 0.0) == Now(0, None, ended=False)
    rounds.next.release()
    assert live.wait(0, LONG) == Now(1, answer(0), ended=False)
    rounds.next.release(2)
    while not (now := live.wait(2, LONG)).ended:
        pass
    assert now == Now(3, answer(2), ended=True)
    assert live.is_of_use


def test_nothing_is_judged_before_the_first_answer_is_drawn_and_more_is_asked_for() -> None:
    rounds = Rounds()
    live = LiveSearch(rounds)
    rounds.next.release(3)
    assert live.wait(0, LONG).answers == 1
    assert live.wait(0, LONG).answers == 1  # as another run of the page, which has drawn nothing yet
    assert rounds.given == 1
    assert live.wait(1, LONG).answers > 1


def test_a_search_that_is_stopped_before_more_is_asked_for_judges_nothing() -> None:
    rounds = Rounds()
    live = LiveSearch(rounds)
    rounds.next.release(3)
    assert live.wait(0, LONG).answers == 1
    live.stop()
    assert rounds.closed.wait(LONG)
    assert rounds.given == 1


def test_a_stopped_search_stops_after_the_answer_in_hand_which_is_not_the_last() -> None:
    rounds = Rounds()
    live = LiveSearch(rounds)
    live.stop()
    rounds.next.release(3)
    assert live.wait(9, LONG) == Now(1, answer(0), ended=False, stopped=True)
    assert not live.is_of_use


def test_a_search_that_nobody_waits_for_stops() -> None:
    times = iter([0.0, PATIENCE_S + 1])
    rounds = Rounds()
    live = LiveSearch(rounds, clock=lambda: next(times, PATIENCE_S + 1))
    rounds.next.release(3)
    assert rounds.closed.wait(LONG)
    assert rounds.given == 1
    assert live.wait(9, LONG) == Now(1, answer(0), ended=False, stopped=True)
    assert not live.is_of_use


def test_what_the_search_raises_is_raised_to_who_waits() -> None:
    def refuse() -> Iterator[Results]:
        raise ValueError("no caption")
        yield

    live = LiveSearch(refuse)
    with pytest.raises(ValueError, match="no caption"):
        live.wait(0, LONG)
    assert not live.is_of_use
