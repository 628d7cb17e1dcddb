"""A real `bridgelens serve` in a child process, for the tests that ask it over HTTP."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

PATIENCE_S = 120
"""For what loads a model; every wait ends as soon as its condition holds."""


@contextmanager
def served(command: list[str], environment: Mapping[str, str], log: Path) -> Iterator[tuple[str, Any]]:
    """The address of a server that answers, and its process; it is ended when the test has not done so."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, "serve", "--port", str(port)], env=environment, stdout=output, stderr=output
        )
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_served(address, server, log)
            yield address, server
        finally:
            server.kill()
            server.wait()


def wait_until_served(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return once the server answers; fail with its log where it has ended."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()
        try:
            with urlopen(f"{address}/health"):
                return
        except URLError:
            time.sleep(0.1)
    raise AssertionError(f"{address} does not answer: {log.read_text()}")


def ask(address: str, route: str, **params: Any) -> Any:
    """The JSON that a route answers; raises for what is refused."""
    with urlopen(f"{address}{route}?{urlencode(params, doseq=True)}", timeout=PATIENCE_S) as answer:
        return json.load(answer)
