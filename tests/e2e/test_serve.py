"""`bridgelens serve` as a program meets it: the real command with mini, over real HTTP."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.e2e.serving import PATIENCE_S, ask, served

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("serve") / "log"


@pytest.fixture(scope="module")
def server(
    command_line: list[str], environment: Mapping[str, str],
    index_run: subprocess.CompletedProcess[str], log: Path,
) -> Iterator[tuple[str, Any]]:  # fmt: skip
    with served(command_line, environment, log) as running:
        yield running


def test_a_caption_finds_the_photo(server: tuple[str, Any], photos: Path) -> None:
    answer = ask(server[0], "/search", caption="a red motorcycle", k=2)
    found = {match["path"] for match in answer["matches"]}
    assert found & {str(photos / "motorcycle_left.png"), str(photos / "motorcycle_right.png")}
    assert answer["calibrated"] is True


def test_a_stream_is_left_half_way(server: tuple[str, Any]) -> None:
    """The first line comes before any photo is judged; who leaves then is no error to others."""
    connection = http.client.HTTPConnection(urlsplit(server[0]).netloc, timeout=PATIENCE_S)
    connection.request("GET", "/search/stream?caption=a+red+motorcycle")
    assert json.loads(connection.getresponse().readline())["judged"] == 0
    connection.close()
    assert ask(server[0], "/search", caption="a red motorcycle")["judged"] > 0


def test_another_machines_name_is_not_answered(server: tuple[str, Any]) -> None:
    connection = http.client.HTTPConnection(urlsplit(server[0]).netloc, timeout=PATIENCE_S)
    connection.request("GET", "/status", headers={"Host": "photos.example"})
    assert connection.getresponse().status == 400
    connection.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal there")
def test_ctrl_c_ends_it_cleanly(server: tuple[str, Any], log: Path) -> None:
    """Last, as nobody can ask afterwards; a stream that is open does not hold it up."""
    connection = http.client.HTTPConnection(urlsplit(server[0]).netloc, timeout=PATIENCE_S)
    connection.request("GET", "/search/stream?caption=a+dog")
    connection.getresponse().readline()
    server[1].send_signal(signal.SIGINT)
    assert server[1].wait(PATIENCE_S) == 0
    connection.close()
    text = log.read_text()
    assert "Traceback" not in text
    assert "Ctrl-C ends it" in text
