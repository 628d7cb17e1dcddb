"""What an assistant gets, asked by the protocol's own client in this process; colours as everywhere here."""

from __future__ import annotations

import base64
import io
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from mcp.client.client import Client
from PIL import Image

from ui.mcp_server import create_server
from ui.own_version import own_version
from ui.service import Service
from ui.settings import Settings

pytestmark = pytest.mark.anyio
NEVER = dict.fromkeys(("similarity", "log_odds", "above_mean", "log_share", "log_size"), 0.0)
"""A calibration by which every photo is as likely as not, which is not enough."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def client(indexed: object, tmp_path: Path) -> AsyncIterator[Client]:
    with Service(Settings(tmp_path / "library", "colours", "cpu")) as service:
        async with Client(create_server(service)) as client:
            yield client


async def test_the_tools_say_what_they_do(client: Client) -> None:
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert sorted(tools) == ["explain", "photo", "search_photos"]
    for tool in tools.values():
        assert tool.description and tool.output_schema and tool.annotations
        assert tool.annotations.read_only_hint
    properties = tools["search_photos"].input_schema["properties"]
    assert all("description" in each for each in properties.values())


async def test_the_server_says_which_it_is(client: Client) -> None:
    assert client.server_info is not None
    assert (client.server_info.name, client.server_info.version) == ("bridgelens", own_version())


async def test_a_caption_finds_its_photo(client: Client, photos: Path) -> None:
    found = await client.call_tool("search_photos", {"caption": "red", "k": 1, "unwanted": ["blue"]})
    assert found.structured_content is not None
    (match,) = found.structured_content["matches"]
    assert (match["path"], match["similarity"]) == (str(photos / "red.png"), 1.0)
    assert text(found) == f"1 photos, best first:\n1. id {match['id']}, {photos}/red.png, match 98.2%"


async def test_tags_narrow_it_and_are_shown(client: Client, indexed: Any, photos: Path) -> None:
    assert indexed("tag", "--add", "sky", photos / "blue.png").code == 0
    found = await client.call_tool("search_photos", {"caption": "red", "tag": ["Sky"]})
    assert found.structured_content is not None
    (match,) = found.structured_content["matches"]
    assert match["path"] == str(photos / "blue.png")
    shown = await client.call_tool("photo", {"photo_id": match["id"]})
    assert shown.structured_content is not None
    assert shown.structured_content["tags"] == [{"word": "sky", "source": "user", "score": None}]


async def test_that_nothing_matches_is_said(client: Client, encoder: Any) -> None:
    encoder.calibration = {**NEVER, "constant": 0.0, "threshold": 0.6}
    found = await client.call_tool("search_photos", {"caption": "blue", "k": 1})
    assert found.structured_content is not None
    assert found.structured_content["nothing_matches"] is True
    assert text(found).startswith('Nothing here matches "blue". The nearest photos')


async def test_a_photo_is_shown(client: Client, photos: Path) -> None:
    found = await client.call_tool("search_photos", {"caption": "red", "k": 1})
    assert found.structured_content is not None
    (red,) = found.structured_content["matches"]
    shown = await client.call_tool("photo", {"photo_id": red["id"]})
    assert shown.structured_content is not None
    assert (shown.structured_content["path"], shown.structured_content["format"]) == (red["path"], "PNG")
    (content,) = shown.content
    assert content.type == "image" and content.mime_type == "image/jpeg"
    with Image.open(io.BytesIO(base64.b64decode(content.data))) as picture:
        assert (picture.format, picture.size) == ("JPEG", (40, 30))


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("search_photos", {}, "the caption is empty"),
        ("search_photos", {"caption": "red", "k": 0}, "k"),
        ("search_photos", {"like": 99}, "there is no photo with the id 99"),
        ("photo", {"photo_id": 99}, "there is no photo with the id 99"),
        ("explain", {"photo_id": 99, "caption": "red"}, "there is no photo with the id 99"),
    ],
)
async def test_what_is_refused_is_said_in_words(
    client: Client, tool: str, arguments: Mapping[str, Any], words: str
) -> None:
    refused = await client.call_tool(tool, dict(arguments))
    assert refused.is_error
    assert words in text(refused)
    assert "Traceback" not in text(refused)


def text(result: Any) -> str:
    (content,) = result.content
    return str(content.text)
