"""The real command in a child process, a library of real photos, and the page over it in a real browser."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

from tests.e2e.chromium import CHROMIUM, FLAGS
from tests.e2e.serving import PATIENCE_MS, free_port, wait_until_served
from ui.cli import main
from ui.demo import collect_photos
from ui.terminal import err, out

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "<img src=x onerror=alert(1)>.jpg"
Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def command_line() -> list[str]:
    """The installed command; from a tree that is not installed, the module behind it."""
    script = Path(sys.executable).with_name("bridgelens")
    return [str(script)] if script.exists() else [sys.executable, "-m", "ui.cli"]


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Nothing of the user's: no settings, a home of its own, no network, no colours, wide lines.

    `BRIDGELENS_TEST_MODEL` tries the whole way with another checkpoint than mini.
    """
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BRIDGELENS_", "XDG_"))}
    kept.pop("FORCE_COLOR", None)
    return kept | {
        "HOME": str(home),
        "BRIDGELENS_LIBRARY": str(home / "library"),
        "BRIDGELENS_MODEL": os.environ.get("BRIDGELENS_TEST_MODEL", "mini"),
        "HF_HUB_OFFLINE": "1",
        "COLUMNS": "200",
    }


@pytest.fixture(scope="session")
def bridgelens(command_line: list[str], environment: Mapping[str, str]) -> Command:
    """Runs `bridgelens ...` and gives its exit code, stdout and stderr."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command_line, *map(str, arguments)],
            cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", timeout=300, check=False,
        )  # fmt: skip

    return run


@pytest.fixture(scope="session")
def bridgelens_here(environment: Mapping[str, str]) -> Command:
    """As `bridgelens`, in this process: for what does not depend on its being a process of its own.

    Each process imports torch for seconds.
    """

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        words = ["bridgelens", *map(str, arguments)]
        printed, said = (TextIOWrapper(BytesIO(), "utf-8") for _ in range(2))
        with pytest.MonkeyPatch.context() as patch:
            for name in os.environ.keys() - environment.keys():
                patch.delenv(name)
            for name, value in environment.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", words)
            for console in (out, err):
                patch.setattr(console, "width", int(environment["COLUMNS"]))
            with redirect_stdout(printed), redirect_stderr(said), pytest.raises(SystemExit) as leaving:
                main()
        for stream in (printed, said):
            stream.seek(0)
        code = int(leaving.value.code or 0)
        return subprocess.CompletedProcess(words, code, printed.read(), said.read())

    return run


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's photos, one of them under a hostile name, and one file that is no photo."""
    folder = tmp_path_factory.mktemp("photos")
    collect_photos(folder)
    (folder / "flower.jpg").rename(folder / HOSTILE)
    (folder / "damaged.jpg").write_bytes(b"this is no photo")
    return folder


@pytest.fixture(scope="session")
def index_run(bridgelens: Command, photos: Path) -> subprocess.CompletedProcess[str]:
    """The one index run that all tests here search in."""
    return bridgelens("index", photos)


@pytest.fixture(scope="module")
def serve(
    command_line: list[str], environment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., str]]:
    """Starts `bridgelens web` with these flags and variables besides the usual ones; its URL.

    `command` is what stands before `web`. Ended with the module.
    """
    servers: list[subprocess.Popen[bytes]] = []

    def start(*flags: str, command: Sequence[str] = command_line, **variables: str) -> str:
        port = free_port()
        log = tmp_path_factory.mktemp("web") / "log"
        with log.open("wb") as output:
            words = [*command, "web", "--port", str(port), "--no-browser", *flags]
            server = subprocess.Popen(words, env={**environment, **variables}, stdout=output, stderr=output)
        servers.append(server)
        url = f"http://127.0.0.1:{port}"
        wait_until_served(f"{url}/_stcore/health", server, log)
        return url

    yield start
    for server in servers:
        server.terminate()
        server.wait(30)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try a test in the browser a second time before it counts as failed.

    Page and server speak over a socket, and what a person would click again, a test cannot see to be lost.
    What is broken fails twice.
    """
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a file, kept from speaking to anybody.

    Playwright runs an event loop as long as it is there, beside which tests of asynchronous code cannot run.
    """
    if not Path(CHROMIUM).exists():
        pytest.skip("no Chromium here; name one in BRIDGELENS_CHROMIUM to run these")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where photos/ and library/ lie in every test of a file."""
    return tmp_path_factory.mktemp("place").resolve()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh visit; afterwards, nothing but this machine was asked for and no dialog came up."""
    visit = browser.new_page(viewport={"width": 1280, "height": 900})
    visit.set_default_timeout(PATIENCE_MS)
    asked: set[str | None] = set()
    dialogs: list[str] = []
    visit.on("request", lambda request: asked.add(urlsplit(request.url).hostname))

    def note_dialog(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    visit.on("dialog", note_dialog)
    yield visit
    visit.close()
    assert asked <= {"127.0.0.1", None}, "a data: URL has no host name"
    assert dialogs == []
