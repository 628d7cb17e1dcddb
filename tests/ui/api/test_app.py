"""The app as a whole: its description, its page without a network, its state, and errors without a trace."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from model.errors import DeviceUnavailable
from storage.library import Library
from tests.ui.api.conftest import Client
from ui import compose
from ui.api.models import Answer, OnePhoto, Status
from ui.own_version import own_version


def test_the_page_of_docs_asks_this_server_alone(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert "http://" not in page.text and "https://" not in page.text
    asked = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(asked) == 3
    for path in asked:
        assert client.get(path).status_code == 200
    assert '"validatorUrl": null' in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]


def test_the_description_names_every_route(client: TestClient) -> None:
    description = client.get("/openapi.json").json()
    assert sorted(description["paths"]) == [
        "/facets", "/health", "/photos/{photo_id}", "/photos/{photo_id}/explanation",
        "/photos/{photo_id}/file", "/photos/{photo_id}/heat-map.png", "/photos/{photo_id}/like",
        "/photos/{photo_id}/thumbnail",
        "/search", "/search/like", "/search/stream", "/status",
    ]  # fmt: skip
    for name in (Answer, OnePhoto, Status):
        assert name.__name__ in description["components"]["schemas"]


def test_status_counts(client: TestClient, photos: Any) -> None:
    status = client.get("/status").json()
    assert (status["photos"], status["files"], status["failures"]) == (3, 3, 0)
    assert status["roots"] == [str(photos)]
    assert status["models"] == [{"name": "colours", "fingerprint": "c" * 16, "embedded": 3}]
    assert status["active_model"] == "c" * 16
    assert status["version"] == own_version() == client.get("/openapi.json").json()["info"]["version"]


def test_without_a_library_it_says_so_until_there_is_one(
    client_of: Client, bridgelens: Any, photos: Any
) -> None:
    client = client_of()
    for path in ("/status", "/search?caption=red", "/photos/1", "/search/stream?caption=red"):
        refused = client.get(path)
        assert (refused.status_code, "bridgelens index FOLDER" in refused.json()["next"]) == (503, True)
    assert client.get("/health").json() == {"status": "ok"}
    assert bridgelens("index", photos).code == 0
    assert len(client.get("/search?caption=red").json()["matches"]) == 3


def test_what_another_program_writes_is_seen(client: TestClient, bridgelens: Any, photos: Any) -> None:
    assert client.get("/search?caption=red").json()["matches"][0]["path"] == str(photos / "red.png")
    (photos / "red.png").rename(photos / "moved.png")
    assert bridgelens("index", photos).code == 0
    assert client.get("/search?caption=red").json()["matches"][0]["path"] == str(photos / "moved.png")


def test_an_empty_library_is_not_ready(client_of: Client, settings: Any) -> None:
    Library.open(settings.library, create=True, write=True).close()
    refused = client_of().get("/search?caption=red")
    assert (refused.status_code, "no photo is indexed yet" in refused.json()["error"]) == (503, True)


def test_a_library_of_another_model_is_not_ready(client_of: Client, indexed: object, encoder: Any) -> None:
    encoder.fingerprint = "d" * 16
    refused = client_of().get("/search?caption=red")
    assert (refused.status_code, "bridgelens reindex" in refused.json()["error"]) == (503, True)


def test_a_model_that_cannot_be_loaded_is_not_ready(
    client_of: Client, indexed: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(settings: object) -> None:
        raise DeviceUnavailable("cuda is not on this machine")

    monkeypatch.setattr(compose, "load_model", refuse)
    refused = client_of().get("/search?caption=red")
    assert (refused.status_code, refused.json()["error"]) == (503, "cuda is not on this machine")


def test_a_mistake_of_ours_shows_no_trace(
    client_of: Client, indexed: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(Library, "status", fail)
    refused = client_of(raise_server_exceptions=False).get("/status")
    assert (refused.status_code, refused.json()["error"]) == (500, "something went wrong in the server")
    assert "secret" not in refused.text


def test_an_unknown_route_and_method_are_refused_in_json(client: TestClient) -> None:
    for answer, status in ((client.get("/nothing"), 404), (client.delete("/search"), 405)):
        assert (answer.status_code, set(answer.json())) == (status, {"error", "next"})
