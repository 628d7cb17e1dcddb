"""Sixteen clients at once, while another program adds photos: each gets the answers that it gets alone.

What is asked is confined to the folder that was there before, so that the photos that come change no answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import numpy as np
import pytest
from PIL import Image

from tests.e2e.serving import PATIENCE_S, ask, served
from ui.demo import collect_photos

ROOT = Path(__file__).resolve().parents[2]
CLIENTS, PHOTOS_A_RUN = 16, 12
SECONDS = float(os.environ.get("BRIDGELENS_TEST_SECONDS", "3"))
"""How long at least; more for whoever has the time. It ends with the index run that is under way then."""
CAPTIONS = ("a red motorcycle", "a cat", "a rocket", "cups of coffee")
# The command, everything imported, which begins when it is told to: imports would take most of its time
# beside so many clients.
READY = """
import sys
import indexer.pipeline, model.bridgetower
from ui.cli import main
sys.argv = ["bridgelens", *sys.argv[1:]]
print("ready", flush=True)
sys.stdin.readline()
main()
"""
Child = subprocess.Popen[str]


def without_times(answer: Any) -> Any:
    return {name: value for name, value in answer.items() if name != "seconds"}


def questions(address: str, before: Path) -> dict[str, Callable[[], Any]]:
    """By name, what the clients ask: each has one right answer."""

    def found(**params: Any) -> Callable[[], Any]:
        return lambda: without_times(ask(address, "/search", folder=str(before), shortlist=5, **params))

    def watched(caption: str) -> Any:
        with urlopen(
            f"{address}/search/stream?caption={caption}&folder={before}&shortlist=5", timeout=PATIENCE_S
        ) as lines:
            return [without_times(json.loads(line)) for line in lines][-1]

    def thumbnail() -> bytes:
        with urlopen(f"{address}/photos/1/thumbnail", timeout=PATIENCE_S) as answer:
            return bytes(answer.read())

    asked = {caption: found(caption=caption) for caption in CAPTIONS}
    asked |= {f"{caption}, by similarity": found(caption=caption, rerank=False) for caption in CAPTIONS}
    asked |= {
        "long": found(caption="a red motorcycle " * 60, rerank=False),
        "not": found(caption="a photo", **{"not": "a cat"}),
        "stream": lambda: watched("a+rocket"),
        "like": lambda: without_times(ask(address, "/photos/1/like", folder=str(before))),
        "facts": lambda: ask(address, "/photos/1"),
        "thumbnail": thumbnail,
    }
    return asked


def ready(folder: Path, environment: Mapping[str, str]) -> Child:
    """An index run of the folder that waits for its beginning."""
    command = [sys.executable, "-c", READY, "index", str(folder)]
    pipe = subprocess.PIPE
    child = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def add_photos(later: Path, first: Child, environment: Mapping[str, str], until: float) -> int:
    """Index new photos of noise, run after run, from `first` on; how many there are in the end."""
    noise = np.random.default_rng(0)
    count = 0
    while count == 0 or time.monotonic() < until:
        run = ready(later, environment) if count else first
        for number in range(count, count + PHOTOS_A_RUN):
            Image.fromarray(noise.integers(0, 256, (32, 32, 3), np.uint8)).save(later / f"{number}.png")
        count += PHOTOS_A_RUN
        _, said = run.communicate("begin\n")
        assert run.returncode == 0, said
    return count


@pytest.mark.slow
def test_answers_are_those_of_a_client_alone(
    bridgelens_here: Callable[..., subprocess.CompletedProcess[str]],
    command_line: list[str],
    environment: Mapping[str, str],
    tmp_path: Path,
) -> None:
    before, later = tmp_path.resolve() / "before", tmp_path.resolve() / "later"
    later.mkdir()
    collect_photos(before)
    own = {**environment, "BRIDGELENS_LIBRARY": str(tmp_path / "library")}
    assert bridgelens_here("index", before, "--library", own["BRIDGELENS_LIBRARY"]).returncode == 0
    over, done = threading.Event(), list[str]()
    with (
        served(command_line, own, tmp_path / "log") as (address, _),
        ready(later, own) as first,
        ThreadPoolExecutor(CLIENTS + 1) as threads,
    ):
        asked = questions(address, before)
        alone = {name: question() for name, question in asked.items()}
        photos = ask(address, "/status")["photos"]

        def client(first: int) -> None:
            """Begins at a question of its own, so that each is asked at least once."""
            for name in islice(cycle(asked), first, None):
                assert asked[name]() == alone[name], name
                done.append(name)
                if over.is_set():
                    return

        started = time.monotonic()
        clients = [threads.submit(client, number) for number in range(CLIENTS)]
        try:
            added = add_photos(later, first, own, started + SECONDS)
        finally:
            over.set()
        for each in clients:
            each.result()
        seconds = time.monotonic() - started
        assert ask(address, "/status")["photos"] == photos + added
    assert "Traceback" not in (tmp_path / "log").read_text()
    assert set(done) == set(asked)
    sys.stdout.write(f"{len(done):,} requests in {seconds:.0f} s, {added} photos added meanwhile\n")
