"""What browsers are told of the pictures that Streamlit serves: each is fetched once."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEDIA = "/media/"
FOR_GOOD = "private, max-age=31536000, immutable"
"""A year, for this browser and for no proxy on the way."""
FOR_A_VISIT = "private, max-age=600, immutable"
"""Ten minutes, where visitors have to say who they are: others may use their browser after them."""


class MediaCaching:
    """ASGI middleware: pictures under Streamlit's `/media/` are kept by the browser.

    Their address is a hash of their bytes, so another picture has another one.
    """

    def __init__(self, app: ASGIApp, how_long: str = FOR_GOOD) -> None:
        self._app, self._how_long = app, how_long

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and scope["path"].startswith(MEDIA):
            send = _marked(send, self._how_long)
        await self._app(scope, receive, send)


def _marked(send: Send, how_long: str) -> Send:
    """`send`, which says of a picture, and of nothing else, that it may be kept."""

    async def marking(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] in (200, 206):
            headers = MutableHeaders(scope=message)
            if headers.get("content-type", "").startswith("image/"):
                headers["Cache-Control"] = how_long
        await send(message)

    return marking
