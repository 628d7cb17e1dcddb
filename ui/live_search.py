"""A search that goes on while a page shows what is known so far, and ends when nobody asks any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from search.query import Results

PATIENCE_S = 10.0
"""Seconds after which a search that nobody has asked about stops: its page was closed."""


@dataclass(frozen=True)
class Now:
    """How far a search is: how many answers there have been, the newest, and whether it is the last.

    One that was stopped, or failed, has no last answer: the newest may be half judged.
    """

    answers: int
    results: Results | None
    ended: bool
    stopped: bool = False


class LiveSearch:
    """One search in a thread of its own. The work is stopped between two batches of photos.

    A page cannot read `Engine.refine` itself: a batch takes seconds with a large model, in which the page
    would not notice that its visitor has typed another caption. Nothing is judged before the page, which has
    drawn the first answer, asks for the next: judging takes every core from what draws.
    """

    def __init__(
        self, rounds: Callable[[], Iterator[Results]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Start to go through `rounds()`; `clock` counts seconds."""
        self._rounds = rounds
        self._clock = clock
        self._asked_at = clock()
        self._seen = 0
        self._changed = threading.Condition()
        self._now = Now(0, None, ended=False)
        self._error: Exception | None = None
        self._stopped = False
        threading.Thread(target=self._run, name="live search", daemon=True).start()

    @property
    def is_of_use(self) -> bool:
        """Whether it goes on or has come to its end, and has neither been stopped nor failed."""
        return not self._stopped and self._error is None

    def wait(self, answers: int, seconds: float) -> Now:
        """The state as soon as there are more than so many answers, or it is over, or the time is.

        Raises:
            Exception: what the search raised.
        """
        with self._changed:
            self._asked_at, self._seen = self._clock(), max(self._seen, answers)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._now.answers > answers or self._is_over, seconds)
            if self._error is not None:
                raise self._error
            return self._now

    def stop(self) -> None:
        """Let it end after the batch in hand."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    @property
    def _left(self) -> float:
        """Seconds until nobody has asked for too long."""
        return self._asked_at + PATIENCE_S - self._clock()

    @property
    def _is_over(self) -> bool:
        return self._now.ended or self._now.stopped

    def _run(self) -> None:
        ended = False
        try:
            for results in self._rounds():
                self._say(Now(self._now.answers + 1, results, ended=False))
                if results.to_judge:
                    self._until_asked_for_more()
                if self._left < 0:
                    self._stopped = True
                if self._stopped:
                    break
            else:
                ended = True
        except Exception as error:  # whatever it is, it belongs to the page that waits
            self._error = error
        self._say(replace(self._now, ended=ended, stopped=not ended))

    def _until_asked_for_more(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._seen or self._stopped, self._left)

    def _say(self, now: Now) -> None:
        with self._changed:
            self._now = now
            self._changed.notify_all()
