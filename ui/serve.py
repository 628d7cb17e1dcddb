"""Start Streamlit on the web page: this machine only, protections on, nothing sent home."""

from __future__ import annotations

import os
import runpy
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from ui.errors import UiError
from ui.gallery import ACCENT, ACCENT_ON_DARK
from ui.settings import Settings

ADDRESS = "127.0.0.1"
PAGE = Path(__file__).with_name("web.py")


def serve(settings: Settings, *, port: int, browser: bool, announce: Callable[[str], None]) -> None:
    """Serve the page until it is stopped. Streamlit runs in this process: stopping it leaves nothing behind.

    Raises:
        UiError: another program listens on `port`.
    """
    require_free(port)
    announce(f"bridgelens is at http://{ADDRESS}:{port}, for this machine only. Ctrl-C ends it.")
    # The page has no flags of its own; ui.settings reads these again over there.
    os.environ.update(settings.as_environment())
    sys.argv = ["streamlit", "run", str(PAGE), *streamlit_flags(port, browser=browser and _has_screen())]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)


def require_free(port: int) -> None:
    """Refuse a port that is taken, in our words and before anything is loaded."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As Streamlit does: a connection that was just closed does not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError as error:
            free = port + 1 if port < 65535 else port - 1
            raise UiError(
                f"port {port} cannot be used ({error.strerror}); try another: bridgelens web --port {free}"
            ) from error


def streamlit_flags(port: int, *, browser: bool) -> list[str]:
    """Every Streamlit option the page relies on; flags win over any `config.toml` the user has."""
    options: dict[str, object] = {
        "server.address": ADDRESS,
        "server.port": port,
        "server.headless": not browser,
        "server.enableXsrfProtection": True,
        "server.enableCORS": True,
        # A page elsewhere must not reach us by pointing its own name at 127.0.0.1 (DNS rebinding).
        "server.allowedHosts": (ADDRESS, "localhost"),
        "server.enableStaticServing": False,
        "server.fileWatcherType": "none",
        "server.showEmailPrompt": False,
        "browser.gatherUsageStats": False,
        "browser.serverAddress": ADDRESS,
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "client.toolbarMode": "minimal",
        "logger.hideWelcomeMessage": True,
        # No base: the page is light or dark as the visitor's system is.
        "theme.light.primaryColor": ACCENT,
        "theme.dark.primaryColor": ACCENT_ON_DARK,
    }
    flags = []
    for name, value in options.items():
        for each in value if isinstance(value, tuple) else (value,):  # a list is the flag repeated
            flags.append(f"--{name}={str(each).lower() if isinstance(each, bool) else each}")
    return flags


def _has_screen() -> bool:
    """Whether a browser could be shown; on a server Streamlit would start a text browser instead."""
    return sys.platform in ("win32", "darwin") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
