"""`bridgelens mcp` as an assistant meets it: a real child process, asked by the protocol's own client."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

pytestmark = [pytest.mark.slow, pytest.mark.anyio]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_an_assistant_searches_looks_and_asks_why(
    command_line: list[str],
    environment: Mapping[str, str],
    index_run: subprocess.CompletedProcess[str],
    photos: Path,
) -> None:
    """Anything on stdout that is no protocol would be an error of the client's, as warnings are errors."""
    program, *arguments = command_line
    server = StdioServerParameters(command=program, args=[*arguments, "mcp"], env=dict(environment))
    async with Client(stdio_client(server)) as client:
        found = await client.call_tool("search_photos", {"caption": "a red motorcycle", "k": 1})
        assert found.structured_content is not None
        (match,) = found.structured_content["matches"]
        assert match["path"] in {str(photos / f"motorcycle_{side}.png") for side in ("left", "right")}
        shown = await client.call_tool("photo", {"photo_id": match["id"]})
        assert [content.type for content in shown.content] == ["image"]
        why = await client.call_tool("explain", {"photo_id": match["id"], "caption": "a red motorcycle"})
        assert why.structured_content is not None
        changes = {word["word"]: word["log_odds_change"] for word in why.structured_content["words"]}
        assert list(changes) == ["a", "red", "motorcycle"]
        assert changes["motorcycle"] > 0
