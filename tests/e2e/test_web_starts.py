"""`bridgelens web` from its start, with a browser of the test's own, to its end."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.serving import PATIENCE_S, served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="a browser there is no script"),
]


def test_a_browser_is_opened_at_its_address_and_it_ends_cleanly(
    command_line: list[str], environment: Mapping[str, str], tmp_path: Path
) -> None:
    opened, script = tmp_path / "opened", tmp_path / "browser"
    script.write_text(
        f'#!/bin/sh\necho "$1" > {opened}.part && mv {opened}.part {opened}\n', encoding="utf-8"
    )
    script.chmod(0o755)
    variables = {**environment, "DISPLAY": ":0", "BROWSER": str(script)}
    with served(command_line, variables, tmp_path / "log", ("web",), "/_stcore/health") as (address, server):
        until = time.monotonic() + PATIENCE_S
        while not opened.exists():
            assert time.monotonic() < until, "no browser was opened"
            time.sleep(0.02)
        assert opened.read_text(encoding="utf-8") == f"{address}\n"
        server.terminate()
        assert server.wait(PATIENCE_S) == 0
    said = f"bridgelens is at {address}, for this machine only. Ctrl-C ends it.\n"
    assert (tmp_path / "log").read_text(encoding="utf-8") == said
