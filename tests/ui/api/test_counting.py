"""Counts over HTTP: what each choice would leave of photos whose dates, folders and tags are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from tests.ui.api.conftest import Client
from tests.ui.conftest import COLOURS

TAKEN = {"red": "2023:05:14 10:00:00", "green": "2023:06:01 10:00:00", "blue": "2024:01:01 10:00:00"}


@pytest.fixture
def client(client_of: Client, encoder: object, bridgelens: Any, photos: Path) -> TestClient:
    """Over red.jpg and green.jpg of 2023, blue.jpg of 2024 in a folder of its own, and the undated PNGs."""
    (photos / "new").mkdir()
    for name, taken in TAKEN.items():
        exif = Image.Exif()
        exif[0x010F], exif[0x0110] = "Canon", "Canon EOS R5"
        exif.get_ifd(0x8769)[0x9003] = taken
        folder = photos / "new" if name == "blue" else photos
        Image.new("RGB", (40, 30), COLOURS[name]).save(folder / f"{name}.jpg", exif=exif)
    assert bridgelens("index", photos).code == 0
    assert bridgelens("tag", "--add", "sky", photos / "new" / "blue.jpg", photos / "blue.png").code == 0
    return client_of()


def counts(found: Any, name: str) -> dict[Any, int]:
    return {each["value"]: each["photos"] for each in found[name]}


def test_all_photos(client: TestClient, photos: Path) -> None:
    found = client.get("/facets").json()
    assert found["photos"] == 6
    assert counts(found, "folders") == {str(photos): 6}
    assert list(counts(found, "years").items()) == [(2024, 1), (2023, 2)]
    assert list(counts(found, "months").items()) == [("2024-01", 1), ("2023-06", 1), ("2023-05", 1)]
    assert counts(found, "cameras") == {"Canon EOS R5": 3}
    assert counts(found, "kinds") == {"photo": 6}
    assert counts(found, "tags") == {"sky": 2}
    assert (found["places"], found["ratings"]) == ([], [])


def test_under_a_filter(client: TestClient, photos: Path) -> None:
    found = client.get("/facets", params={"after": "2024", "camera": "r5", "inside": str(photos)}).json()
    assert found["photos"] == 1
    assert counts(found, "folders") == {str(photos / "new"): 1}
    assert counts(found, "years") == {2024: 1, 2023: 2}  # as if no date were asked for
    assert counts(found, "tags") == {"sky": 1}


def test_what_cannot_be_counted_is_said(client: TestClient) -> None:
    for params, words in (
        ({"after": "May"}, "after May: expected"),
        ({"kind": "painting"}, "kind"),
        ({"caption": "a dog"}, "caption: Extra inputs are not permitted"),
        ({"tag": " "}, "expected a word"),
    ):
        refused = client.get("/facets", params=params)
        assert (refused.status_code, words in refused.json()["error"]) == (422, True)
        assert set(refused.json()) == {"error", "next"}
