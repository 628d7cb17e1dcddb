"""Takes docs/screenshot.png from the running page; run it after `make demo`: `python docs/screenshot.py`."""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
LIBRARY = HERE.parent / "demo" / "library"
CAPTION = "a red motorcycle"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
    "--no-first-run",
]


def main() -> None:
    """Serve the demo's library, search, and save what the page shows once the matches stand."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "ui.cli",
        "web",
        "--library",
        str(LIBRARY),
        "--port",
        str(port),
        "--no-browser",
    ]
    server = subprocess.Popen(command, cwd=HERE.parent)
    try:
        wait_until_served(f"http://127.0.0.1:{port}/_stcore/health", server)
        with sync_playwright() as playwright:
            path = os.environ.get("BRIDGELENS_CHROMIUM") or shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 860})
            page.goto(f"http://127.0.0.1:{port}/?q={quote(CAPTION)}")
            page.locator(".bl-name").first.wait_for(timeout=120_000)
            page.locator(".stApp[data-test-script-state='notRunning']").wait_for(timeout=120_000)
            page.wait_for_load_state("networkidle")
            save_small(page.screenshot(), HERE / "screenshot.png")
            browser.close()
    finally:
        server.terminate()
        server.wait(30)


def save_small(png: bytes, path: Path) -> None:
    """Save a picture with 256 colours, a third of the bytes: it is in every clone."""
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(path, optimize=True)


def wait_until_served(url: str, server: subprocess.Popen[bytes]) -> None:
    """Return once `url` answers.

    Raises:
        SystemExit: the server ended, or a minute passed.
    """
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(url, timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise SystemExit("bridgelens web does not answer; run `make demo` first")


if __name__ == "__main__":
    main()
