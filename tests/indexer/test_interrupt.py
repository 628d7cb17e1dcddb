from __future__ import annotations

import signal
import threading

import pytest

from indexer.interrupt import stops_on_interrupt


@pytest.fixture(autouse=True)
def default_handler() -> None:
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_first_interrupt_asks_and_the_second_insists() -> None:
    stop = threading.Event()
    with stops_on_interrupt(stop):
        signal.raise_signal(signal.SIGINT)
        assert stop.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_afterwards_an_interrupt_is_what_it_was() -> None:
    stop = threading.Event()
    with stops_on_interrupt(stop):
        pass
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    assert not stop.is_set()


def test_a_handler_of_the_application_stays() -> None:
    caught: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: caught.append(number))
    try:
        stop = threading.Event()
        with stops_on_interrupt(stop):
            signal.raise_signal(signal.SIGINT)
        assert caught == [signal.SIGINT]
        assert not stop.is_set()
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def test_another_thread_has_no_signals_and_needs_none() -> None:
    entered: list[bool] = []

    def enter() -> None:
        with stops_on_interrupt(threading.Event()):
            entered.append(signal.getsignal(signal.SIGINT) is signal.default_int_handler)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert entered == [True]
