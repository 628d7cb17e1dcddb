"""A real server in a child process: a free port, when it answers, and its end."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

PATIENCE_MS = 60_000
"""Of a page in the browser."""
PATIENCE_S = 120
"""For what loads a model; every wait ends as soon as its condition holds."""


@contextmanager
def served(
    command: list[str], environment: Mapping[str, str], log: Path,
    words: Sequence[str] = ("serve",), health: str = "/health",
) -> Iterator[tuple[str, Any]]:  # fmt: skip
    """The address of a server that answers, and its process; it is ended when the test has not done so.

    It is started by `words` after the command, and answers once `health` does.
    """
    port = free_port()
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, *words, "--port", str(port)], env=environment, stdout=output, stderr=output
        )
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_served(f"{address}{health}", server, log)
            yield address, server
        finally:
            server.kill()
            server.wait()


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_served(url: str, server: subprocess.Popen[bytes], log: Path | None = None) -> None:
    """Return once `url` answers.

    Raises:
        AssertionError: the server has ended, or `PATIENCE_S` have passed; with its log.
    """
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and server.poll() is None:
        try:
            with urlopen(url, timeout=10):
                return
        except OSError:
            time.sleep(0.01)  # short, as a benchmark waits by it too
    raise AssertionError(f"{url} does not answer\n{log.read_text(encoding='utf-8') if log else ''}")


def ask(address: str, route: str, **params: Any) -> Any:
    """The JSON that a route answers; raises for what is refused."""
    with urlopen(f"{address}{route}?{urlencode(params, doseq=True)}", timeout=PATIENCE_S) as answer:
        return json.load(answer)
