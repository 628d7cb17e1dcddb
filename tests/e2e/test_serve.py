"""`bridgelens serve` as a program meets it: the real command with mini, over real HTTP."""

from __future__ import annotations

import http.client
import io
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from PIL import Image, ImageChops

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


def test_a_match_is_explained_as_the_command_explains_it(
    server: tuple[str, Any], bridgelens_here: Callable[..., Any], tmp_path: Path
) -> None:
    (found,) = ask(server[0], "/search", caption="a red motorcycle", k=1)["matches"]
    why = ask(server[0], f"/photos/{found['id']}/explanation", caption="a red motorcycle")
    drawn = tmp_path / "why.png"
    ran = bridgelens_here("explain", found["path"], "a red motorcycle", "--json", "--heat-map", drawn)
    said = json.loads(ran.stdout)
    assert why["match_probability"] == pytest.approx(said["match_probability"], abs=1e-3)
    assert why["heat_map"]["illustrative"] == said["heat_map"]["illustrative"]
    for here, there in zip(why["words"], said["words"], strict=True):
        assert (here["word"], here["start"]) == (there["word"], there["start"])
        assert here["log_odds_change"] == pytest.approx(there["log_odds_change"], abs=1e-2)
    with urlopen(server[0] + why["heat_map"]["url"], timeout=PATIENCE_S) as answer:
        sent = answer.read()
    with Image.open(io.BytesIO(sent)) as one, Image.open(drawn) as other:
        assert (one.format, one.size) == (other.format, other.size)
        # The same map but for rounding: no channel of any pixel is far off.
        assert max(ImageChops.difference(one, other).tobytes()) <= 3


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
