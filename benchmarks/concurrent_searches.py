"""Many searches at once: how many steps of them should run at a time?

python -m benchmarks.concurrent_searches --photos FOLDER --clients 16 --searches 64
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import anyio

from benchmarks.report import Row, arguments, report
from search.query import Query
from ui.service import Service
from ui.settings import Settings

AT_ONCE = (1, 2, 16)
CAPTIONS = ("two dogs on a beach", "a man riding a bicycle", "children in the snow", "a red car")


def main() -> None:
    """Index a folder into a library that is thrown away, then search it from many tasks, in rounds."""
    parser = arguments(__doc__)
    parser.add_argument("--photos", type=Path, required=True, metavar="FOLDER", help="the photos to search")
    parser.add_argument("--model", default="mini", help="checkpoint (default mini)")
    parser.add_argument("--clients", type=int, default=16, help="searches at once (default 16)")
    parser.add_argument("--searches", type=int, default=64, help="searches of a round (default 64)")
    parser.add_argument("--shortlist", type=int, default=20, help="photos judged a search (default 20)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each kind, in turns (default 3)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        index = [sys.executable, "-m", "ui.cli", "index", str(options.photos), "--library", folder]
        environment = {**os.environ, "BRIDGELENS_MODEL": options.model}
        subprocess.run(index, env=environment, check=True, stdout=sys.stderr)
        settings = Settings(Path(folder), options.model, "cpu")
        services = {count: Service(settings, searches_at_once=count) for count in AT_ONCE}
        taken: dict[int, list[list[float]]] = {count: [] for count in AT_ONCE}
        walls: dict[int, list[float]] = {count: [] for count in AT_ONCE}
        for service in services.values():
            anyio.run(searches, service, 1, 2, options.shortlist)  # warm
        for _ in range(options.rounds):
            for count, service in services.items():
                started = time.perf_counter()
                taken[count].append(
                    anyio.run(searches, service, options.clients, options.searches, options.shortlist)
                )
                walls[count].append(time.perf_counter() - started)
    title = f"{options.clients} clients of {options.model}, {options.shortlist} photos judged a search"
    notes = ["steps at a time: how many steps of searches run at once; medians over rounds in turns"]
    report(title, [row(count, taken[count], walls[count]) for count in AT_ONCE], notes, options.json)


async def searches(service: Service, clients: int, count: int, shortlist: int) -> list[float]:
    """Seconds of each of `count` searches, done by so many clients at once."""
    seconds: list[float] = []
    waiting = iter(range(count))

    async def client() -> None:
        for number in waiting:
            started = time.perf_counter()
            await service.search(Query(CAPTIONS[number % len(CAPTIONS)], shortlist=shortlist))
            seconds.append(time.perf_counter() - started)

    async with anyio.create_task_group() as tasks:
        for _ in range(clients):
            tasks.start_soon(client)
    return seconds


def row(at_once: int, taken: list[list[float]], walls: list[float]) -> Row:
    """One line of the table."""
    ordered = [sorted(each) for each in taken]
    return {
        "steps at a time": at_once,
        "searches/s": statistics.median(len(each) / wall for each, wall in zip(taken, walls, strict=True)),
        "p50, s": statistics.median(each[len(each) // 2] for each in ordered),
        "p95, s": statistics.median(each[int(0.95 * (len(each) - 1))] for each in ordered),
    }


if __name__ == "__main__":
    main()
