"""`bridgelens web` loads the model as soon as it runs: before any visit, and once for all."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.serving import PATIENCE_S, served

LOADING_WEB = Path(__file__).with_name("loading_web.py")
PATIENCE_MS = 1000 * PATIENCE_S
Serve = Callable[..., AbstractContextManager[tuple[str, Any]]]

pytestmark = pytest.mark.slow


@pytest.fixture
def hold(tmp_path: Path) -> Path:
    """The file that holds up every load of the model."""
    hold = tmp_path / "hold"
    hold.touch()
    return hold


@pytest.fixture
def serve(
    index_run: subprocess.CompletedProcess[str], environment: Mapping[str, str], hold: Path, tmp_path: Path
) -> Serve:
    """Serves the library of real photos with these variables; what is printed goes to the file `log`."""
    assert index_run.returncode == 0
    command = [sys.executable, str(LOADING_WEB), str(tmp_path / "loads"), str(hold)]

    def start(**variables: str) -> AbstractContextManager[tuple[str, Any]]:
        words = ["web", "--no-browser"]
        return served(command, {**environment, **variables}, tmp_path / "log", words, "/_stcore/health")

    return start


def loads(folder: Path) -> list[str]:
    """The models of the loads that have begun, as soon as there is one."""
    file, until = folder / "loads", time.monotonic() + PATIENCE_S
    while not file.exists() or not file.read_text():
        assert time.monotonic() < until, "no load has begun"
        time.sleep(0.05)
    return file.read_text().splitlines()


@pytest.mark.browser
def test_the_model_is_loaded_before_any_visit_and_once_for_all(
    serve: Serve, browser: Browser, hold: Path, tmp_path: Path
) -> None:
    with serve() as (address, _), ExitStack() as visits:
        assert loads(tmp_path) == ["mini"]
        pages = [visits.enter_context(browser.new_context()).new_page() for _ in range(2)]
        for page in pages:
            page.goto(f"{address}/?q=a+red+motorcycle&rerank=false")
        for page in pages:
            expect(page.get_by_text("Loading the model…")).to_be_visible(timeout=PATIENCE_MS)
        hold.unlink()
        for page in pages:
            expect(page.locator(".bl-name").first).to_contain_text("1. ", timeout=PATIENCE_MS)
    assert loads(tmp_path) == ["mini"]


@pytest.mark.browser
def test_what_cannot_be_loaded_is_said_at_a_visit_and_not_on_the_terminal(
    serve: Serve, browser: Browser, hold: Path, tmp_path: Path
) -> None:
    hold.unlink()
    nowhere = str(tmp_path / "nowhere")
    with serve(BRIDGELENS_MODEL=nowhere) as (address, _), browser.new_context() as visit:
        assert loads(tmp_path) == [nowhere]
        page = visit.new_page()
        page.goto(address)
        expect(page.get_by_text("The model cannot be loaded")).to_be_visible(timeout=PATIENCE_MS)
    assert loads(tmp_path) == [nowhere, nowhere]
    assert "nowhere" not in (tmp_path / "log").read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal there")
def test_ctrl_c_while_it_is_loaded_ends_the_server_cleanly(serve: Serve, tmp_path: Path) -> None:
    with serve() as (_, server):
        assert loads(tmp_path) == ["mini"]
        server.send_signal(signal.SIGINT)
        assert server.wait(PATIENCE_S) == 0
    printed = (tmp_path / "log").read_text()
    assert "Ctrl-C ends it" in printed
    assert "Traceback" not in printed
