"""The desktop of the machine that bridgelens runs on: whether there is one, and its file manager."""

from __future__ import annotations

import os
import shutil
import sys
from threading import Thread

import typer

from ui.errors import UiError

OPENING_S = 5.0
"""Seconds in which a desktop says that it cannot; some say nothing until the window is closed."""


def has_screen() -> bool:
    """Whether a window could be shown to somebody."""
    return sys.platform in ("win32", "darwin") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def can_show_files() -> bool:
    """Whether there is a desktop, and what `typer.launch` opens folders with."""
    return has_screen() and (sys.platform in ("win32", "darwin") or shutil.which("xdg-open") is not None)


def show_file(path: str) -> None:
    """Show a file in the file manager; where that cannot select one, its folder.

    Raises:
        FileNotFoundError: it is not there.
        UiError: the desktop says that it cannot.
    """
    os.stat(path)
    codes: list[int] = []
    # Waited for elsewhere: some desktops run the file manager until its window is closed.
    waiting = Thread(
        target=lambda: codes.append(typer.launch(path, wait=sys.platform != "darwin", locate=True)),
        name="file-manager",
        daemon=True,
    )
    waiting.start()
    waiting.join(OPENING_S)
    if any(codes) and sys.platform != "win32":  # Explorer ends with 1 when all went well
        raise UiError(f"the desktop could not open {os.path.dirname(path)}; open it by hand")
