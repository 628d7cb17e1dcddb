"""Why a photo matches a caption, over HTTP: the same words, numbers and map as `bridgelens explain` has."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from tests.ui.api.conftest import Client
from tests.ui.api.test_access import TOKEN
from ui.api.access import Access

WHAT = ("explanation", "heat-map.png")


@pytest.fixture
def red(client: TestClient) -> str:
    """The address of the red photo."""
    (match,) = client.get("/search", params={"caption": "red", "k": 1}).json()["matches"]
    return f"/photos/{match['id']}"


def test_what_each_word_adds(client: TestClient, red: str) -> None:
    found = client.get(f"{red}/explanation", params={"caption": " a red bus "}).json()
    assert found["caption"] == "a red bus"
    assert found["match_probability"] == pytest.approx(0.982, abs=5e-4)
    words = [(each["word"], each["start"], each["log_odds_change"]) for each in found["words"]]
    assert words == [("a", 0, 0), ("red", 2, 8), ("bus", 6, 0)]
    without = [each["probability_without"] for each in found["words"]]
    assert without == pytest.approx([0.982, 0.018, 0.982], abs=5e-4)  # "a bus" is taken for "blue"
    assert found["heat_map"] == {"url": f"{red}/heat-map.png?caption=a+red+bus", "illustrative": False}


def test_the_map_is_where_the_link_leads(client: TestClient, red: str) -> None:
    found = client.get(f"{red}/explanation", params={"caption": "red & 50% bus"}).json()
    sent = client.get(found["heat_map"]["url"])
    assert (sent.status_code, sent.headers["content-type"]) == (200, "image/png")
    with Image.open(io.BytesIO(sent.content)) as picture:
        assert (picture.format, picture.size, picture.mode) == ("PNG", (40, 30), "RGB")
        # The encoder sees the middle square, in which the top right is hot: green comes in, as yellow.
        green = picture.getchannel("G")
        assert (green.getpixel((33, 2)), green.getpixel((8, 28))) == (166, 0)


def test_maps_that_nobody_measured_are_called_illustrations(
    client: TestClient, red: str, encoder: Any
) -> None:
    encoder.heat_map_right = None
    found = client.get(f"{red}/explanation", params={"caption": "red bus"}).json()
    assert found["heat_map"]["illustrative"] is True


@pytest.mark.parametrize("what", WHAT)
@pytest.mark.parametrize(
    ("caption", "words"),
    [
        (None, "caption: Field required"),
        (" ! ", "describe the photo in words"),
        ("x" * 2001, "caption: String should have at most 2000 characters"),
        ("a " * 11, "longer than the model reads"),
    ],
)
def test_what_cannot_be_explained_is_said(
    client: TestClient, red: str, what: str, caption: str | None, words: str
) -> None:
    refused = client.get(f"{red}/{what}", params={} if caption is None else {"caption": caption})
    assert refused.status_code == 422
    assert words in refused.json()["error"]
    assert set(refused.json()) == {"error", "next"}


@pytest.mark.parametrize("what", WHAT)
def test_an_unknown_photo_is_not_found(client: TestClient, what: str) -> None:
    refused = client.get(f"/photos/99/{what}", params={"caption": "red"})
    assert (refused.status_code, set(refused.json())) == (404, {"error", "next"})
    assert client.get(f"/photos/red.png/{what}", params={"caption": "red"}).status_code == 422


@pytest.mark.parametrize("what", WHAT)
def test_a_photo_that_cannot_be_read_any_more_is_not_found(
    client: TestClient, red: str, photos: Path, what: str
) -> None:
    (photos / "red.png").write_bytes(b"no photo")
    damaged = client.get(f"{red}/{what}", params={"caption": "red"})
    assert (damaged.status_code, "not an image" in damaged.json()["error"]) == (404, True)
    (photos / "red.png").unlink()
    gone = client.get(f"{red}/{what}", params={"caption": "red"})
    assert (gone.status_code, "bridgelens index" in gone.json()["next"]) == (404, True)


@pytest.mark.parametrize("what", WHAT)
def test_a_link_that_leads_out_is_not_followed(
    client: TestClient, red: str, photos: Path, tmp_path: Path, what: str
) -> None:
    (photos / "red.png").rename(tmp_path / "secret.png")
    (photos / "red.png").symlink_to(tmp_path / "secret.png")
    assert client.get(f"{red}/{what}", params={"caption": "red"}).status_code == 404


@pytest.mark.parametrize("what", WHAT)
def test_the_token_is_asked_for(client_of: Client, indexed: object, what: str) -> None:
    client = client_of(Access.checked("0.0.0.0", TOKEN))
    path = f"/photos/1/{what}"
    assert client.get(path, params={"caption": "red"}).status_code == 401
    let_in = client.get(path, params={"caption": "red"}, headers={"Authorization": f"Bearer {TOKEN}"})
    assert let_in.status_code == 200


def test_the_description_says_what_is_asked_and_answered(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for what, media in zip(WHAT, ("application/json", "image/png"), strict=True):
        route = paths[f"/photos/{{photo_id}}/{what}"]["get"]
        (caption,) = (each for each in route["parameters"] if each["name"] == "caption")
        assert (caption["required"], caption["schema"]["maxLength"]) == (True, 2000)
        assert route["summary"] and route["description"] and caption["description"]
        assert list(route["responses"]["200"]["content"]) == [media]
