"""Two programs that want to write to one library: the second is refused, or waits its turn when told to."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.text import Text

from ui import compose
from ui.errors import UiError
from ui.render import printable
from ui.settings import Settings

if TYPE_CHECKING:
    from storage.library import Library

Opened = TypeVar("Opened")
PAUSE_S = 0.5


@contextmanager
def writable_library(
    settings: Settings, console: Console, *, wait: bool, create: bool = False
) -> "Iterator[Library]":
    """The library of these settings, open for writing.

    Raises:
        UiError: another program writes to it, and `wait` is not given.
        StorageError: it cannot be opened.
    """
    with when_free(
        lambda: compose.open_library(settings, create=create, write=True), console, wait
    ) as opened:
        yield opened


def when_free(open_it: Callable[[], Opened], console: Console, wait: bool) -> Opened:
    """What `open_it` gives, tried again while another program writes to the library; Ctrl-C ends the wait.

    Raises:
        UiError: another program writes to it, and `wait` is not given.
    """
    from storage.errors import LibraryLocked

    said = ""
    while True:
        try:
            return open_it()
        except LibraryLocked as locked:
            if not wait:
                raise UiError(f"{locked}, or with --wait") from locked
            reason = str(locked).partition("; ")[0]
            if reason != said:
                console.print(Text(f"Waiting: {printable(reason)}. Ctrl-C ends the wait."), soft_wrap=True)
                said = reason
        time.sleep(PAUSE_S)
