"""Start Streamlit on the web page: protections on, nothing sent home, others let in only when asked who."""

from __future__ import annotations

import os
import signal
import socket
import sys
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

from ui.desktop import has_screen
from ui.errors import UiError
from ui.gallery import ACCENT, ACCENT_ON_DARK
from ui.guard import Guard, guard_of, is_loopback
from ui.media_caching import FOR_A_VISIT, FOR_GOOD, MediaCaching
from ui.opening_ahead import open_ahead
from ui.settings import Settings, password
from ui.upload_sizes import LARGEST_MB

ADDRESS = "127.0.0.1"
PAGE = Path(__file__).with_name("web.py")


def serve(
    settings: Settings, *, port: int, browser: bool, announce: Callable[[str], None], host: str = ADDRESS
) -> None:
    """Serve the page until it is stopped. Streamlit runs in this process: stopping it leaves nothing behind.

    Raises:
        UiError: another program listens on `port`, or as `ui.guard.guard_of`.
    """
    from streamlit.config import get_config_options

    from ui.visitors import can_sign_in

    options = streamlit_options(port, host)
    # Before Streamlit reads any: it warns of what differs from what it has read.
    get_config_options(force_reparse=True, options_from_flags=options)
    guard = guard_of(host, password(), sign_in=can_sign_in())
    require_free(port, host)
    announce(f"bridgelens is at {url_of(host, port)}, {_for_whom(host, guard)} Ctrl-C ends it.")
    # The page has no flags of its own; ui.settings reads these again over there.
    os.environ.update(settings.as_environment())
    open_ahead()
    shown = url_of(host, port) if browser and has_screen() else None
    # Otherwise it would end the process without what is to be done at its exit.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with suppress(KeyboardInterrupt):
        _run(options, shown, FOR_GOOD if guard == "machine" else FOR_A_VISIT)


def _run(options: dict[str, Any], shown: str | None, how_long: str) -> None:
    """Streamlit with our own middleware, until it is stopped; `shown` is opened in a browser.

    `how_long` browsers may keep pictures, as `Cache-Control` says it.
    """
    import streamlit as st
    from starlette.middleware import Middleware

    @asynccontextmanager
    async def open_browser(_: object) -> AsyncIterator[None]:
        if shown is not None:
            Thread(target=webbrowser.open, args=(shown,), name="browser", daemon=True).start()
        yield

    sys.argv = [str(PAGE)]  # where Streamlit looks for settings of its own
    st.App(PAGE, middleware=[Middleware(MediaCaching, how_long=how_long)], lifespan=open_browser).run(
        config=options
    )


def url_of(host: str, port: int) -> str:
    """Where the page is, as it is typed into a browser."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def require_free(port: int, host: str = ADDRESS, command: str = "web") -> None:
    """Refuse a port that is taken, or an address that is not ours, in our words, before anything is loaded.

    Raises:
        UiError: `bridgelens command` cannot listen there.
    """
    try:
        (family, *_, address), *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise UiError(
            f"--host {host}: {error.strerror}; give an address of this machine, or 0.0.0.0"
        ) from error
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As Streamlit does: a connection that was just closed does not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            free = port + 1 if port < 65535 else port - 1
            raise UiError(
                f"port {port} cannot be used ({error.strerror}); try another: "
                f"bridgelens {command} --port {free}"
            ) from error


def streamlit_options(port: int, host: str = ADDRESS) -> dict[str, Any]:
    """Every Streamlit option the page relies on; they win over any `config.toml` the user has."""
    return {
        "server.address": host,
        "server.port": port,
        "server.headless": True,
        "server.enableXsrfProtection": True,
        "server.enableCORS": True,
        # A page elsewhere must not reach us by pointing its own name at 127.0.0.1 (DNS rebinding).
        # Where others are let in, it may have any name, and every visitor is asked who they are.
        "server.allowedHosts": [ADDRESS, "localhost", host] if is_loopback(host) else [],
        # The controls' own bounds are the browser's to keep; this one holds for whoever sends a file.
        "server.maxUploadSize": LARGEST_MB,
        "server.enableStaticServing": False,
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": False,
        "browser.serverAddress": host,
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "client.toolbarMode": "minimal",
        "logger.hideWelcomeMessage": True,
        # The slider of months has a value, without which it is no range, and shows what the address says.
        "global.disableWidgetStateDuplicationWarning": True,
        # No base: the page is light or dark as the visitor's system is.
        "theme.light.primaryColor": ACCENT,
        "theme.dark.primaryColor": ACCENT_ON_DARK,
    }


def _for_whom(host: str, guard: Guard) -> str:
    if is_loopback(host):
        return "for this machine only."
    known = "who knows the password" if guard == "password" else "whom secrets.toml names"
    return (
        f"for everybody {known}. Nothing is encrypted: on a network that you do not trust, put a proxy "
        "with TLS before it."
    )
