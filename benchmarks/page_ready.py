"""How long a visitor waits for the web page, against the library's size: a real server and a real browser.

python -m benchmarks.page_ready --photos 1000 100000

The library is made of rows, without photo files: dates, cameras, towns, folders, embeddings for mini, and
what indexing keeps, thumbnails and crops, of photos that are shown or judged. Beside it a page of Streamlit
that has a box and a line, and no library: what browser and Streamlit take by themselves. Needs Chromium;
BRIDGELENS_CHROMIUM names another one.
"""

from __future__ import annotations

import io
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from benchmarks import filters
from benchmarks.report import Row, arguments, report
from model.bridgetower import BridgeTower
from storage.filters import Filter
from storage.library import Library
from storage.records import ModelRef
from tests.e2e.chromium import CHROMIUM, FLAGS
from tests.e2e.serving import free_port, wait_until_served
from ui.search_address import PAGE

WEB = [sys.executable, "-c", "from ui.cli import main; main()", "web", "--no-browser", "--port"]
BARE = """
import streamlit
streamlit.text_input("Caption")
streamlit.html('<p class="bl-name">a photo</p>')
"""
EMBEDDING = "INSERT INTO embeddings (photo_id, model_id, vector) VALUES (?, 1, ?)"
BOX = "input[aria-label='Caption']"
PHOTOS = ".bl-name"
ANSWER = ".bl-scores"  # photos that were looked for have a score, the newest ones have none
CAPTIONS = ("two dogs in snow", "a red boat", "children at a table", "a man on a bike", "a street at night")
KEY_MS = 90  # between two keys
THERE = "selector => document.querySelector(selector)"  # asked at each frame, a selector after half a second
NEAREST = 100  # photos of a caption, which are judged
ALL = ".stApp[data-test-script-state='notRunning']"
BLOCK = 10_000
PATIENCE_MS = 300_000


def main() -> None:
    """For every size make a library, serve it, and visit it."""
    parser = arguments(__doc__)
    parser.add_argument("--photos", type=int, nargs="+", default=[1000, 100_000], metavar="N")
    parser.add_argument("--rounds", type=int, default=5, help="visits of each later kind (default 5)")
    parser.add_argument("--folder", type=Path, help="where the libraries are made (default: temporary files)")
    options = parser.parse_args()
    model = BridgeTower.load("mini")
    with tempfile.TemporaryDirectory() as temporary:
        script = Path(temporary) / "bare.py"
        script.write_text(BARE, encoding="utf-8")
        flags = ["--server.headless=true", "--browser.gatherUsageStats=false", "--server.port"]
        bare = [sys.executable, "-m", "streamlit", "run", str(script), *flags]
        found = visits(bare, Path(temporary), options.rounds, captions=())
        rows = [{"photos": "bare page", **row} for row in found]
    for count in options.photos:
        with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
            make(Path(temporary), count, model)
            found = visits(WEB, Path(temporary), options.rounds, CAPTIONS)
            rows += [{"photos": f"{count:,}", **row} for row in found]
    notes = [
        "seconds from the visit's begin until the caption box is there, the first photos are, all is drawn",
        "the first visit begins as soon as the server answers; of the others, the medians",
        "a caption typed: seconds from its last key until the nearest photos are there",
        "server: from its start until it answers; everything is in the system's cache",
    ]
    report("The page is ready", rows, notes, options.json)


def make(folder: Path, count: int, mini: BridgeTower) -> None:
    """A library of so many photos, all embedded, with its index written."""
    model = ModelRef(mini.fingerprint, "mini", mini.dim)
    Library.open(folder, create=True, write=True).close()
    filters.fill(folder / "catalog.sqlite", count)
    (folder / "photos").mkdir()
    with Library.open(folder, write=True) as library:
        library.models.activate(model)
        random = np.random.default_rng(0)
        with closing(sqlite3.connect(folder / "catalog.sqlite")) as catalog, catalog:
            catalog.execute("UPDATE roots SET path = ?", (os.fsencode(folder / "photos"),))
            for start in range(0, count, BLOCK):
                vectors = random.standard_normal((min(BLOCK, count - start), model.dim), np.float32)
                vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
                blobs = (vector.tobytes() for vector in vectors.astype("<f2"))
                catalog.executemany(EMBEDDING, enumerate(blobs, start + 1))
        library.save_index(model)
        keep_copies(library, model, mini)


def keep_copies(library: Library, model: ModelRef, mini: BridgeTower) -> None:
    """Keep what indexing keeps of the photos that a visit shows or has judged; all look the same."""
    photo = Image.effect_noise((320, 240), 50).convert("RGB")
    _, nearest = library.index(model).search(mini.embed_captions(list(CAPTIONS)), NEAREST)
    shown = library.photos([*library.newest(Filter(), PAGE), *nearest.flatten().tolist()])
    hashes = [each.content_hash for each in shown.values()]
    small = io.BytesIO()
    photo.save(small, "JPEG")
    for content_hash in hashes:
        library.thumbnails.put(content_hash, small.getvalue())
    library.pixels.fill(dict.fromkeys(hashes, mini.preprocessor.crop_of(photo)), model.fingerprint)


def visits(command: list[str], library: Path, rounds: int, captions: Sequence[str]) -> Iterator[Row]:
    """The visits to the server that the command, with a port after it, starts over this library.

    In the last of them the captions are typed, one after the other.
    """
    with served(command, library) as (address, up), sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        first = waited(chromium.new_context().new_page(), address)
        yield {"visit": "first visit", "server": up, **first}
        pages = [chromium.new_context().new_page() for _ in range(rounds)]
        for name in ("another visitor", "reload"):
            found = [waited(page, address) for page in pages]
            medians = {part: statistics.median(row[part] for row in found) for part in first}
            yield {"visit": name, "server": "-", **medians}
        if captions:
            seconds = statistics.median(answered(chromium.new_context().new_page(), address, captions))
            typed = {"visit": "a caption typed", "server": "-", "caption box": "-"}
            yield {**typed, "first photos": seconds, "all": "-"}
        chromium.close()


def waited(page: Page, address: str) -> Row:
    """Seconds until each part of the page is there."""
    page.set_default_timeout(PATIENCE_MS)
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    found: Row = {}
    for name, selector in {"caption box": BOX, "first photos": PHOTOS, "all": ALL}.items():
        page.wait_for_function(THERE, arg=selector)
        found[name] = time.perf_counter() - began
    return found


def answered(page: Page, address: str, captions: Sequence[str]) -> Iterator[float]:
    """Seconds from the last key of each caption, typed on a page of its own visit, until photos are there."""
    for caption in captions:
        waited(page, address)
        page.locator(BOX).press_sequentially(caption[:-1], delay=KEY_MS)
        began = time.perf_counter()
        page.keyboard.press(caption[-1])
        page.wait_for_function(THERE, arg=ANSWER)
        yield time.perf_counter() - began


@contextmanager
def served(command: list[str], library: Path) -> Iterator[tuple[str, float | str]]:
    """The server's address, and the seconds that it took to answer."""
    port, log = free_port(), library / "log"
    environment = {**os.environ, "BRIDGELENS_LIBRARY": str(library), "BRIDGELENS_MODEL": "mini"}
    began = time.perf_counter()
    with log.open("wb") as output:
        server = subprocess.Popen([*command, str(port)], env=environment, stdout=output, stderr=output)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_served(f"{address}/_stcore/health", server, log)
        yield address, time.perf_counter() - began
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
