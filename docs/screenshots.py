"""Takes docs/screenshots/ from the running page, of the demo's photos: `python -m docs.screenshots`."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.chromium import CHROMIUM, FLAGS
from tests.e2e.serving import free_port, wait_until_served
from ui.demo import collect_photos

HERE = Path(__file__).resolve().parent
CAPTION = "a red motorcycle"
DESK, TALL, PHONE = (
    {"width": 1280, "height": 860},
    {"width": 1280, "height": 1900},
    {"width": 390, "height": 780},
)
PATIENCE_MS = 120_000


def main() -> None:
    """Index the demo's photos, serve them, and save what the pages show once they stand."""
    with tempfile.TemporaryDirectory(prefix="tour-") as name:
        photos, library = Path(name) / "Pictures", Path(name) / "library"
        collect_photos(photos)
        bridgelens = [sys.executable, "-m", "ui.cli"]
        subprocess.run(
            [*bridgelens, "index", str(photos), "--library", str(library)], cwd=HERE.parent, check=True
        )
        port = free_port()
        command = [*bridgelens, "web", "--library", str(library), "--port", str(port), "--no-browser"]
        server = subprocess.Popen(command, cwd=HERE.parent)
        try:
            wait_until_served(f"http://127.0.0.1:{port}/_stcore/health", server)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                take_all(browser, f"http://127.0.0.1:{port}")
                browser.close()
        finally:
            server.terminate()
            server.wait(30)


def take_all(browser: Browser, address: str) -> None:
    """The search, one photo of it with why it matches, the library, and the search on a phone in the dark."""
    page = browser.new_page(viewport=DESK)
    page.goto(f"{address}/?q={quote(CAPTION)}")
    take(page, ".bl-name", "search")
    page.set_viewport_size(TALL)
    page.locator("a[href*='photo?']").first.click()
    settle(page, "text=Why it matches")
    page.get_by_role("button", name="Explain the match").click()
    take(page, "text=The whole caption", "photo")
    page.set_viewport_size(DESK)
    page.goto(f"{address}/library")
    take(page, "text=library on disk", "library")
    phone = browser.new_page(viewport=PHONE, color_scheme="dark")
    phone.goto(f"{address}/?q={quote(CAPTION)}")
    take(phone, ".bl-name", "phone")


def take(page: Page, until: str, name: str) -> None:
    """Save what the page shows once it is settled."""
    settle(page, until)
    save_small(page.screenshot(), HERE / "screenshots" / f"{name}.webp")


def settle(page: Page, until: str) -> None:
    """Wait until the page has what `until` selects and nothing is under way."""
    page.locator(until).first.wait_for(timeout=PATIENCE_MS)
    page.locator(".stApp[data-test-script-state='notRunning']").wait_for(timeout=PATIENCE_MS)
    page.wait_for_load_state("networkidle")


def save_small(png: bytes, path: Path) -> None:
    """Save a picture as WebP, a tenth of the bytes: it is in every clone."""
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").save(path, quality=80, method=6)


if __name__ == "__main__":
    main()
