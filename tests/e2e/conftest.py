"""The real command in a child process, and a library of real photos that it indexed with mini."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ui.demo import collect_photos

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
