"""One photo by its id: facts, thumbnail and file, and nothing that lies outside the library's folders."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from tests.ui.api.conftest import Client
from ui.api.photos import media_type, safe_name


@pytest.fixture
def red(client: TestClient) -> Any:
    """The red photo as a search finds it."""
    (match,) = client.get("/search", params={"caption": "red", "k": 1}).json()["matches"]
    return match


def test_facts(client: TestClient, red: Any, photos: Path) -> None:
    facts = client.get(f"/photos/{red['id']}").json()
    assert facts["path"] == str(photos / "red.png")
    assert (facts["width"], facts["height"], facts["format"], facts["copies"]) == (40, 30, "PNG", [])
    assert (facts["taken_at"], facts["place"], facts["keywords"]) == (None, None, [])
    assert (facts["exposure_s"], facts["lens"]) == (None, None)


def test_tags_are_the_users_own_and_then_those_proposed(
    client: TestClient, red: Any, indexed: Any, photos: Path
) -> None:
    assert client.get(f"/photos/{red['id']}").json()["tags"] == []
    assert indexed("tag").code == 0  # the encoder knows the colours' names as words
    assert indexed("tag", "--add", "Sunset", photos / "red.png").code == 0
    tags = client.get(f"/photos/{red['id']}").json()["tags"]
    assert [(tag["word"], tag["source"]) for tag in tags] == [("sunset", "user"), ("red", "model")]
    assert tags[0]["score"] is None
    assert tags[1]["score"] == pytest.approx(1.0)


@pytest.mark.parametrize("photo_id", ["99", "-1", str(2**70)])
@pytest.mark.parametrize("what", ["", "/thumbnail", "/file"])
def test_an_unknown_id_is_not_found(client: TestClient, photo_id: str, what: str) -> None:
    refused = client.get(f"/photos/{photo_id}{what}")
    assert (refused.status_code, set(refused.json())) == (404, {"error", "next"})
    assert f"no photo with the id {photo_id}" in refused.json()["error"]


def test_a_path_is_no_id(client: TestClient) -> None:
    assert client.get("/photos/..%2F..%2Fetc%2Fpasswd/file").status_code in (404, 422)
    assert client.get("/photos/red.png/file").status_code == 422


def test_the_thumbnail_is_jpeg_and_is_not_sent_twice(client: TestClient, red: Any) -> None:
    sent = client.get(f"/photos/{red['id']}/thumbnail")
    with Image.open(io.BytesIO(sent.content)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (40, 30))
    assert (sent.headers["content-type"], sent.headers["etag"]) == ("image/jpeg", f'"{red["content_hash"]}"')
    assert sent.headers["cache-control"] == "private, max-age=3600"
    for known in (sent.headers["etag"], f'"other", W/{sent.headers["etag"]}', "*"):
        again = client.get(f"/photos/{red['id']}/thumbnail", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", sent.headers["etag"])
    other = client.get(f"/photos/{red['id']}/thumbnail", headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


def test_the_file_is_sent_as_it_lies_there(client: TestClient, red: Any, photos: Path) -> None:
    content = (photos / "red.png").read_bytes()
    sent = client.get(f"/photos/{red['id']}/file")
    assert (sent.content, sent.headers["content-type"]) == (content, "image/png")
    assert sent.headers["x-content-type-options"] == "nosniff"
    assert sent.headers["content-disposition"] == 'inline; filename="red.png"'
    assert "sandbox" in sent.headers["content-security-policy"]
    part = client.get(f"/photos/{red['id']}/file", headers={"Range": "bytes=2-5"})
    assert (part.status_code, part.content) == (206, content[2:6])
    assert part.headers["content-range"] == f"bytes 2-5/{len(content)}"


@pytest.mark.parametrize("what", ["file", "thumbnail"])
def test_a_link_that_leads_out_is_not_followed(
    client: TestClient, red: Any, photos: Path, tmp_path: Path, what: str
) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "secret.png")
    (photos / "red.png").unlink()
    (photos / "red.png").symlink_to(tmp_path / "secret.png")
    refused = client.get(f"/photos/{red['id']}/{what}")
    assert (refused.status_code, set(refused.json())) == (404, {"error", "next"})


@pytest.mark.parametrize("what", ["file", "thumbnail"])
def test_a_file_that_is_gone_is_not_found(client: TestClient, red: Any, photos: Path, what: str) -> None:
    (photos / "red.png").unlink()
    refused = client.get(f"/photos/{red['id']}/{what}")
    assert refused.status_code == 404
    assert "bridgelens index" in refused.json()["next"]


def test_a_damaged_file_has_no_thumbnail(client: TestClient, red: Any, photos: Path) -> None:
    (photos / "red.png").write_bytes(b"no photo")
    refused = client.get(f"/photos/{red['id']}/thumbnail")
    assert (refused.status_code, "not an image" in refused.json()["error"]) == (404, True)


@pytest.mark.skipif(os.name == "nt", reason="names there are text")
def test_a_name_that_is_no_text_is_spelled_out(
    client_of: Client, bridgelens: Any, encoder: object, photos: Path
) -> None:
    os.rename(photos / "red.png", os.path.join(os.fsencode(photos), b"\xff\nred.png"))
    assert bridgelens("index", photos).code == 0
    client = client_of()
    answer = client.get("/search", params={"caption": "red", "k": 1})
    (match,) = json.loads(answer.content)["matches"]
    assert match["path"] == f"{photos}/\\udcff\nred.png"
    sent = client.get(f"/photos/{match['id']}/file")
    assert sent.headers["content-disposition"] == 'inline; filename="_udcff_nred.png"'


def test_names_are_safe_and_types_are_what_was_decoded() -> None:
    assert safe_name('/photos/a"b?\x1b[2J.jpg') == "a_b__x1b[2J.jpg"

    class Record:
        format = "JPEG"

    record: Any = Record()
    assert media_type(record, "/photos/a.html") == "image/jpeg"
    record.format = "MP4"
    assert media_type(record, "a.mp4") == "video/mp4"
    record.format = "NEF"
    assert media_type(record, "a.nef") == "application/octet-stream"
