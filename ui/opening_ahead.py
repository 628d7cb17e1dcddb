"""What the web server opens as soon as it runs, before anybody visits.

A visit finds it, or waits for the same: it lies where visits share it, in the caches of `ui/opened.py`.
"""

from __future__ import annotations

import sys
import threading
import time
from contextlib import suppress
from importlib import import_module

from ui.settings import Settings

IMPORTED = ("pandas", *(f"ui.web_pages.{name}_page" for name in ("search", "library", "insight", "photo")))
"""What the first visit would import before it has a box to draw; Streamlit wants pandas for one."""

SWITCH_S = 0.0005
"""Seconds after which the imports give way to others, a tenth of Python's own figure: serving a browser one
of the page's hundred files takes several turns, each of which would wait that long."""


def open_ahead() -> None:
    """Begin to open all that a search needs, in a thread that does not hold up the end of the process."""
    threading.Thread(target=_open, name="opening ahead", daemon=True).start()


def _open() -> None:
    from streamlit import runtime

    usual = sys.getswitchinterval()
    # Whatever goes wrong, a visit tries it again, and says what is the matter.
    with suppress(Exception):
        while not runtime.exists():  # the caches are its, and it comes with the server
            time.sleep(0.02)
        sys.setswitchinterval(SWITCH_S)
        for name in IMPORTED:
            import_module(name)
        from ui.opened import open_all

        open_all(Settings.load())  # as a page reads them
    sys.setswitchinterval(usual)
