"""Who is let in: this machine under its own name, or who has the token; and no page of another site."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.ui.api.conftest import Client
from ui.api.access import MOST_BYTES, MOST_PHOTO_BYTES, Access, is_loopback
from ui.errors import UiError

TOKEN = "0123456789abcdef"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "photos.example"])
def test_beyond_this_machine_only_with_a_token(host: str) -> None:
    with pytest.raises(UiError, match=r"needs a token.*BRIDGELENS_TOKEN"):
        Access.checked(host, None)
    assert Access.checked(host, TOKEN).hosts == ["*"]
    assert not is_loopback(host)


def test_a_short_token_is_refused() -> None:
    with pytest.raises(UiError, match="has 15 characters: expected at least 16"):
        Access.checked("127.0.0.1", TOKEN[:-1])


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.0.2"])
def test_this_machine_needs_none(host: str) -> None:
    assert Access.checked(host, None).token is None
    assert "*" not in Access.checked(host, None).hosts


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (f"Bearer {TOKEN}", 200), (f"bearer {TOKEN}", 200), (f"Bearer {TOKEN}x", 401), ("Bearer", 401),
        (f"Basic {TOKEN}", 401), (TOKEN, 401), ("Bearer \xe4", 401), (None, 401),
    ],
)  # fmt: skip
def test_the_token_opens(client_of: Client, indexed: object, sent: str | None, status: int) -> None:
    client = client_of(Access.checked("0.0.0.0", TOKEN))
    headers = {} if sent is None else {"Authorization": sent.encode("latin-1")}
    answer = client.get("/status", headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == status
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"
        assert set(answer.json()) == {"error", "next"}


def test_what_says_nothing_of_the_library_is_open(client_of: Client) -> None:
    client = client_of(Access.checked("0.0.0.0", TOKEN))
    for path in ("/health", "/docs", "/openapi.json", "/static-offline-docs/swagger-ui.css"):
        assert client.get(path).status_code == 200
    for path in ("/healthy", "/docs/x", "/static-offline-docs", "/photos/1", "/search", "/nothing"):
        assert client.get(path).status_code == 401


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1:8502", 200), ("localhost:8502", 200), ("[::1]:8502", 200), ("photos.example", 400)],
)
def test_under_another_name_it_does_not_answer(client_of: Client, host: str, status: int) -> None:
    """DNS rebinding: a foreign page whose name points at 127.0.0.1."""
    assert client_of().get("/health", headers={"Host": host}).status_code == status


def test_a_page_of_another_site_gets_nothing(client_of: Client) -> None:
    client = client_of()
    assert client.get("/health", headers={"Origin": "http://127.0.0.1:8502"}).status_code == 200
    refused = client.get("/health", headers={"Origin": "https://evil.example"})
    assert (refused.status_code, "--allow-origin" in refused.json()["next"]) == (403, True)
    assert "access-control-allow-origin" not in refused.headers
    assert refused.headers["cross-origin-resource-policy"] == "same-origin"


def test_a_site_that_is_allowed_may_read(client_of: Client) -> None:
    site = "https://photos.example"
    client = client_of(Access.checked("127.0.0.1", TOKEN, [site + "/"]))
    answer = client.get("/health", headers={"Origin": site})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, site)
    asked = {"Origin": site, "Access-Control-Request-Method": "GET"}
    assert client.options(
        "/search", headers=asked | {"Access-Control-Request-Headers": "authorization"}
    ).is_success
    other = client.get("/health", headers={"Origin": "https://evil.example"})
    assert (other.status_code, "access-control-allow-origin" in other.headers) == (403, False)


def test_a_request_that_is_too_large_is_not_read(client_of: Client) -> None:
    client = client_of()
    large = client.post("/search", content=b"x" * (MOST_BYTES + 1))
    assert (large.status_code, "1,000,000 bytes" in large.json()["error"]) == (413, True)
    sent = client.post("/search/like", headers={"Content-Length": str(MOST_PHOTO_BYTES + 1)}, content=b"x")
    assert (sent.status_code, "50,000,000 bytes" in sent.json()["error"]) == (413, True)


def test_a_request_that_does_not_say_its_size_is_cut_off(client_of: Client) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(3):
            yield b"x" * (MOST_BYTES // 2)

    assert client_of().post("/search", content=chunks()).status_code == 413


def test_answers_are_marked(client: TestClient) -> None:
    headers = client.get("/health").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
