"""Which answers a browser may keep; tests/e2e/test_media_caching.py has it with Streamlit behind it."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from ui.media_caching import FOR_A_VISIT, FOR_GOOD, MediaCaching


async def answer(request: Request) -> Response:
    status = 206 if "range" in request.headers else 200
    return Response(
        b"1", status, media_type="image/jpeg" if request.url.path.endswith(".jpg") else "text/csv"
    )


@pytest.fixture
def client() -> TestClient:
    """A server that has /media/1.jpg, /media/1.csv and /other/1.jpg."""
    routes = [Route(path, answer) for path in ("/media/1.jpg", "/media/1.csv", "/other/1.jpg")]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(MediaCaching)]))


def test_a_picture_is_kept_whole_and_in_parts(client: TestClient) -> None:
    assert client.get("/media/1.jpg").headers["cache-control"] == FOR_GOOD
    assert client.get("/media/1.jpg", headers={"Range": "bytes=0-0"}).headers["cache-control"] == FOR_GOOD


def test_it_is_kept_as_long_as_the_server_was_told() -> None:
    served = Starlette(
        routes=[Route("/media/1.jpg", answer)], middleware=[Middleware(MediaCaching, how_long=FOR_A_VISIT)]
    )
    kept = TestClient(served).get("/media/1.jpg").headers["cache-control"]
    assert kept == "private, max-age=600, immutable"


@pytest.mark.parametrize("path", ["/media/1.csv", "/other/1.jpg", "/media/2.jpg"])
def test_nothing_else_is(client: TestClient, path: str) -> None:
    assert "cache-control" not in client.get(path).headers
