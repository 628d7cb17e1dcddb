"""Who may ask: this machine alone, or whoever has the token; and no page of another site on their behalf."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api.refusals import refusal
from ui.errors import UiError

SHORTEST_TOKEN = 16
OPEN = ("/health", "/docs", "/openapi.json", "/static-offline-docs/")
"""What says nothing about the library: the page at /docs has no way to send a token when it is opened."""
MOST_BYTES = 1_000_000
MOST_PHOTO_BYTES = 50_000_000
PHOTO_SENT = "/search/like"
NO_PAGE = "default-src 'none'; sandbox"
PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Access:
    """Where the server listens and whom it answers.

    Attributes:
        host: Address it is bound to.
        token: What a client sends as `Authorization: Bearer ...`; None asks for none.
        origins: Sites whose pages may ask, as `https://photos.example`.
    """

    host: str = "127.0.0.1"
    token: str | None = None
    origins: tuple[str, ...] = ()

    @classmethod
    def checked(cls, host: str, token: str | None, origins: Sequence[str] = ()) -> Self:
        """Access that leaves no door open.

        Raises:
            UiError: the token is too short, or there is none and the host is not this machine alone.
        """
        if token is not None and len(token) < SHORTEST_TOKEN:
            raise UiError(
                f"the token has {len(token)} characters: expected at least {SHORTEST_TOKEN}; make one with "
                "`openssl rand -hex 32` and put it into BRIDGELENS_TOKEN"
            )
        if token is None and not is_loopback(host):
            raise UiError(
                f"--host {host} can be reached from other machines, and that needs a token; make one with "
                "`openssl rand -hex 32` and put it into BRIDGELENS_TOKEN, or leave --host out"
            )
        return cls(host, token, tuple(origin.rstrip("/") for origin in origins))

    @property
    def hosts(self) -> list[str]:
        """Names under which the server may be asked for.

        A foreign page whose name points at 127.0.0.1 (DNS rebinding) has another.
        """
        return ["127.0.0.1", "localhost", "[::1]", self.host] if is_loopback(self.host) else ["*"]


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that is bound to this address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Guard:
    """ASGI middleware: refuses strangers before anything is read, bounds what is read, and marks answers."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, path = Headers(scope=scope), scope["path"]
        most = MOST_PHOTO_BYTES if path == PHOTO_SENT else MOST_BYTES
        refused = self._refused(headers, path) or too_large(headers, most)
        if refused is not None:
            await refusal(refused)(scope, receive, marked(send, path, self._access))
            return
        await self._app(scope, bounded(receive, most), marked(send, path, self._access))

    def _refused(self, headers: Headers, path: str) -> HTTPException | None:
        origin = headers.get("origin")
        own = {f"{scheme}://{headers.get('host')}" for scheme in ("http", "https")}
        if origin is not None and origin not in own and origin not in self._access.origins:
            return HTTPException(403, f"a page of {origin} asked, and --allow-origin does not name it")
        token = self._access.token
        if token is None or any(path == each or (each[-1] == "/" and path.startswith(each)) for each in OPEN):
            return None
        kind, _, sent = headers.get("authorization", "").partition(" ")
        # Takes equally long wherever the two differ, so that the time tells nothing about the token.
        if kind.lower() == "bearer" and hmac.compare_digest(sent.strip().encode(), token.encode()):
            return None
        return HTTPException(401, "`Authorization: Bearer TOKEN` is missing, or the token is wrong")


def too_large(headers: Headers, most: int) -> HTTPException | None:
    """The refusal of a body that says itself that it has more bytes."""
    length = headers.get("content-length", "0")
    return too_many(most) if not length.isdecimal() or int(length) > most else None


def too_many(most: int) -> HTTPException:
    """The refusal of a body with more bytes."""
    return HTTPException(413, f"the request has more than {most:,} bytes, which is the most that is read")


def bounded(receive: Receive, most: int) -> Receive:
    """`receive`, which refuses to read on where a body turns out to have more bytes."""
    read = 0

    async def counting() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most:
            raise too_many(most)
        return message

    return counting


def marked(send: Send, path: str, access: Access) -> Send:
    """`send`, with headers that keep browsers from making more of an answer than it is."""

    async def marking(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["X-Content-Type-Options"] = "nosniff"
            headers["Referrer-Policy"] = "no-referrer"
            headers["Cross-Origin-Resource-Policy"] = "cross-origin" if access.origins else "same-origin"
            headers["Content-Security-Policy"] = PAGE_POLICY if path == "/docs" else NO_PAGE
        await send(message)

    return marking
