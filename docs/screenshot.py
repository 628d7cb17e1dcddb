"""Takes docs/screenshot.png from the running page; run it after `make demo`: `python -m docs.screenshot`."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.e2e.serving import free_port, wait_until_served

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
    port = free_port()
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


if __name__ == "__main__":
    main()
