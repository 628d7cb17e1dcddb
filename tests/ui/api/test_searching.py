"""Searches over HTTP: the photo of the caption's colour first, and refusals that say what to do."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from search.query import Query
from ui.errors import ServerEnding
from ui.service import Service
from ui.settings import Settings


def names(answer: Any) -> list[str]:
    return [Path(match["path"]).name for match in answer["matches"]]


def png(colour: tuple[int, int, int]) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(stream, "PNG")
    return stream.getvalue()


def test_a_caption_finds_its_photo(client: TestClient, photos: Path) -> None:
    answer = client.get("/search", params={"caption": "red", "k": 1}).json()
    (match,) = answer["matches"]
    assert (match["rank"], match["path"], match["similarity"]) == (1, str(photos / "red.png"), 1.0)
    assert match["match_probability"] == pytest.approx(0.982, abs=0.0005)
    assert (match["width"], match["height"], match["versions"]) == (40, 30, [])
    assert (answer["model"], answer["judged"], answer["to_judge"]) == ("colours", 3, 3)
    assert answer["nothing_matches"] is False


def test_json_asks_the_same(client: TestClient) -> None:
    asked = client.get("/search", params={"caption": "green"}).json()
    posted = client.post("/search", json={"caption": "green"}).json()
    assert names(posted) == names(asked)
    assert names(posted)[0] == "green.png"


def test_what_must_not_be_seen_goes_down(client: TestClient) -> None:
    plain = client.get("/search", params={"caption": "red"}).json()
    assert names(plain) == ["red.png", "blue.png", "green.png"]  # the last two are equal, in order of ids
    without_blue = client.get("/search", params={"caption": "red", "not": ["blue"]}).json()
    assert names(without_blue) == ["red.png", "green.png", "blue.png"]
    both = client.post("/search", json={"caption": "red", "and": ["0.5*red"], "k": 1}).json()
    assert names(both) == ["red.png"]


def test_filters_narrow_it(client: TestClient, photos: Path) -> None:
    inside = client.get("/search", params={"caption": "red", "folder": str(photos)}).json()
    outside = client.get("/search", params={"caption": "red", "folder": str(photos / "none")}).json()
    assert (len(inside["matches"]), outside["matches"]) == (3, [])
    assert client.get("/search", params={"caption": "red", "after": "2020-01-01"}).json()["matches"] == []
    assert client.get("/search", params={"caption": "red", "near": "48.2,16.4,10"}).json()["matches"] == []
    photos_only = client.get("/search", params={"caption": "red", "kind": ["photo"], "k": 1}).json()
    assert names(photos_only) == ["red.png"]


def test_tags_narrow_it_and_are_in_the_answer(client: TestClient, indexed: Any, photos: Path) -> None:
    assert indexed("tag", "--add", "sky", photos / "green.png", photos / "blue.png").code == 0
    assert indexed("tag", "--add", "Sea", photos / "blue.png").code == 0
    found = client.get("/search", params={"caption": "blue", "tag": "sky"}).json()
    words = [(Path(each["path"]).name, [tag["word"] for tag in each["tags"]]) for each in found["matches"]]
    assert words == [("blue.png", ["sea", "sky"]), ("green.png", ["sky"])]
    assert names(client.get("/search", params={"caption": "red", "tag": ["sky", "sea"]}).json()) == [
        "blue.png"
    ]
    with client.stream("GET", "/search/stream", params={"caption": "blue", "tag": "sea"}) as response:
        lines = [json.loads(line) for line in response.iter_lines()]
    assert [[tag["word"] for tag in line["matches"][0]["tags"]] for line in lines] == [["sea", "sky"]] * 2
    (untagged,) = client.get("/search", params={"caption": "red", "k": 1}).json()["matches"]
    assert untagged["tags"] == []


def test_a_photo_of_the_library_finds_those_like_it(client: TestClient) -> None:
    (red,) = client.get("/search", params={"caption": "red", "k": 1}).json()["matches"]
    like = client.get(f"/photos/{red['id']}/like").json()
    assert sorted(names(like)) == ["blue.png", "green.png"]  # it is no answer to itself
    assert client.get("/search", params={"like": red["id"]}).json()["matches"] == like["matches"]


def test_a_photo_that_is_sent_finds_those_like_it(client: TestClient) -> None:
    sent = {"photo": ("mine.png", png((0, 255, 0)))}
    assert names(client.post("/search/like?k=1", files=sent).json()) == ["green.png"]


def test_what_is_sent_and_no_photo_is_refused(client: TestClient) -> None:
    refused = client.post("/search/like", files={"photo": ("../../x.jpg", b"no photo")})
    assert refused.status_code == 422
    assert refused.json()["error"].startswith("the photo that was sent: not an image")
    assert refused.json()["next"].startswith("Send a photo")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({}, "the caption is empty"),
        ({"not": "snow"}, "only what must not be seen"),
        ({"caption": "red", "k": 0}, "k: Input should be greater than or equal to 1"),
        ({"caption": "red", "captoin": "x"}, "captoin: Extra inputs are not permitted"),
        ({"caption": "red", "near": "Vienna"}, "near Vienna: expected latitude, longitude"),
        ({"caption": "red", "after": "May"}, "after May: expected"),
        ({"caption": "red", "near": "98.2,16.4,10"}, "a latitude is from -90 to 90 degrees"),
        ({"caption": "red", "after": "2024-01-02", "before": "2024-01-01"}, "swap the two dates"),
        ({"caption": "x" * 2001}, "caption: "),
        ({"caption": "red", "tag": " "}, "expected a word of 1 to 64 printable characters"),
    ],
)
def test_what_cannot_be_asked_is_said(client: TestClient, params: dict[str, Any], words: str) -> None:
    refused = client.get("/search", params=params)
    assert refused.status_code == 422
    assert words in refused.json()["error"]
    assert set(refused.json()) == {"error", "next"}


def test_an_unknown_photo_to_resemble_is_not_found(client: TestClient) -> None:
    for path in ("/photos/99/like", "/search?like=99"):
        refused = client.get(path)
        assert (refused.status_code, refused.json()["error"][:31]) == (404, "there is no photo with the id 9")


def test_a_stream_gets_better_and_ends_with_the_answer(client: TestClient) -> None:
    with client.stream("GET", "/search/stream", params={"caption": "red"}) as response:
        lines = [json.loads(line) for line in response.iter_lines()]
    assert response.headers["content-type"] == "application/x-ndjson"
    assert [line["judged"] for line in lines] == [0, 3]
    whole = client.get("/search", params={"caption": "red"}).json()
    assert lines[-1]["matches"] == whole["matches"]
    refused = client.get("/search/stream")
    assert (refused.status_code, refused.json()["error"][:20]) == (422, "the caption is empty")


@pytest.mark.anyio
async def test_a_server_that_ends_finishes_no_search(
    indexed: object, encoder: object, settings: Settings
) -> None:
    with Service(settings) as service:
        answers = service.refine(Query("red"))
        assert (await anext(answers)).judged == 0
        service.end()
        with pytest.raises(ServerEnding):
            await anext(answers)


@pytest.mark.anyio
async def test_who_stops_watching_stops_the_work(indexed: object, encoder: Any, settings: Settings) -> None:
    """Photos are judged one batch at a time, and none after the watcher has gone."""
    judged: list[int] = []
    judge = encoder.match_log_odds

    def counting(pixels: Any, captions: Any) -> Any:
        judged.append(len(pixels))
        return judge(pixels, captions)

    encoder.match_log_odds = counting
    with Service(settings) as service:
        answers = service.refine(Query("red"))
        first = await anext(answers)
        await answers.aclose()
    assert (first.judged, first.to_judge, judged) == (0, 3, [])


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
