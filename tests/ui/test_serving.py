"""`bridgelens serve` and what it refuses before anything is loaded."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]


def test_beyond_this_machine_it_needs_a_token(bridgelens: Run) -> None:
    ran = bridgelens("serve", "--host", "0.0.0.0")
    assert (ran.code, "needs a token" in ran.err, ran.err.count("\n")) == (2, True, 1)


def test_a_short_token_is_refused(bridgelens: Run) -> None:
    ran = bridgelens("serve", "--token", "hunter2")
    assert (ran.code, "has 7 characters: expected at least 16" in ran.err) == (2, True)
    assert "hunter2" not in ran.err


def test_a_taken_port_is_refused_with_another_to_try(bridgelens: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = bridgelens("serve", "--port", str(port))
    assert (ran.code, f"port {port} cannot be used" in ran.err) == (2, True)
    assert "bridgelens serve --port" in ran.err


def test_an_address_that_is_none_is_refused(bridgelens: Run) -> None:
    ran = bridgelens("serve", "--host", "256.1.1.1", "--token", "0123456789abcdef")
    assert (ran.code, "--host 256.1.1.1: " in ran.err) == (2, True)
