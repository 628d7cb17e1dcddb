"""Filters and facets over made-up rows of a library: 20 years, 25 cameras, 400 towns, copies, missing files.

python -m benchmarks.filters --photos 1000000
"""

from __future__ import annotations

import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path

from benchmarks.report import Row, arguments, report
from benchmarks.timing import take_turns
from storage.filters import Filter, Near
from storage.library import Library

FORMATS = ("JPEG", "JPEG", "JPEG", "HEIF", "ARW", "MP4")
HOME = (48.2, 16.4)
FILTERS = {
    "one folder of twenty": Filter(folders=("/photos/2010",)),
    "two years": Filter(taken_from=date(2010, 1, 1), taken_to=date(2011, 12, 31)),
    "a camera": Filter(cameras=("model 7",)),
    "a country": Filter(places=("country 3",)),
    "10 km around home": Filter(near=Near(*HOME, 10)),
    "4 stars": Filter(rating=4),
    "RAW": Filter(kinds=("raw",)),
    "copies": Filter(copies=True),
    "a camera, a country, two years": Filter(
        taken_from=date(2010, 1, 1), taken_to=date(2011, 12, 31), cameras=("model 7",), places=("country 3",)
    ),
}


def main() -> None:
    """Fill a catalog, and time each filter and the facets in turns."""
    parser = arguments(__doc__)
    parser.add_argument("--photos", type=int, default=100_000, help="photos in the library (default 100000)")
    parser.add_argument("--rounds", type=int, default=3, help="timed rounds (default 3)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        Library.open(folder, create=True, write=True).close()
        fill(folder / "catalog.sqlite", options.photos)
        with Library.open(folder) as library:
            rows = [*_filter_rows(library, options.rounds), *_facet_rows(library, options.rounds)]
    notes = [
        "medians of the rounds; the catalog is in the system's cache for all of them",
        "facets, first: with what is read from the rows once and kept until the library changes",
    ]
    report(f"Filters over {options.photos:,} photos", rows, notes, options.json)


def _filter_rows(library: Library, rounds: int) -> Iterator[Row]:
    turns = take_turns([partial(library.photo_ids_where, wanted) for wanted in FILTERS.values()], rounds)
    for place, (name, wanted) in enumerate(FILTERS.items()):
        left = len(library.photo_ids_where(wanted))
        yield {"what": name, "photos left": left, "milliseconds": 1000 * turns.median(place)}


def _facet_rows(library: Library, rounds: int) -> Iterator[Row]:
    asked = {
        "facets of all photos": (Filter(), None),
        "facets of a camera": (FILTERS["a camera"], "/photos"),
    }
    for name, (wanted, inside) in asked.items():
        started = time.perf_counter()
        found = library.facets(wanted, inside)
        first = time.perf_counter() - started
        yield {"what": f"{name}, first", "photos left": found.photos, "milliseconds": 1000 * first}
    with closing(sqlite3.connect(library.folder / "catalog.sqlite")) as connection:
        ways: list[Callable[[], object]] = [partial(library.facets, *each) for each in asked.values()]
        ways.append(partial(grouped, connection))
        turns = take_turns(ways, rounds)
    names = [*asked, "facets of all photos, by GROUP BY"]
    for place, name in enumerate(names):
        left = library.facets(*asked.get(name, (Filter(), None))).photos
        yield {"what": name, "photos left": left, "milliseconds": 1000 * turns.median(place)}


def grouped(connection: sqlite3.Connection) -> None:
    """What SQL alone does for five of the seven facets, folders and tags left out."""
    for value in ("substr(taken_at, 1, 7)", "camera", "place", "rating", "format"):
        connection.execute(
            f"SELECT {value}, count(*) FROM photos WHERE EXISTS (SELECT 1 FROM files "
            "WHERE photo_id = photos.id AND missing_since IS NULL) GROUP BY 1"
        ).fetchall()


def fill(catalog: Path, count: int) -> None:
    """Add so many photos, and 5% more files; one photo in a hundred is missing, one in 200 has a sidecar."""
    photo_columns = (
        "id,content_hash,width,height,format,taken_at,camera,latitude,longitude,place,country_code,rating"
    )
    with closing(sqlite3.connect(catalog)) as connection, connection:
        connection.execute("INSERT INTO roots (id, path) VALUES (1, ?)", (b"/photos",))
        marks = ",".join("?" * len(photo_columns.split(",")))
        connection.executemany(f"INSERT INTO photos ({photo_columns}) VALUES ({marks})", _photos(count))
        connection.executemany(
            "INSERT INTO files (root_id, size, mtime_ns, relative_path, photo_id, missing_since, "
            "sidecar_rating) VALUES (1, 1000, 1, ?, ?, ?, ?)",
            _files(count),
        )


def _photos(count: int) -> Iterator[tuple[object, ...]]:
    chance = random.Random(0)
    towns = [HOME] + [(chance.uniform(-60, 60), chance.uniform(-180, 180)) for _ in range(399)]
    for number in range(1, count + 1):
        day = f"{2005 + chance.randrange(20)}-{1 + number % 12:02}-{1 + number % 28:02}"
        taken = f"{day}T{number % 24:02}:{number % 60:02}:00" if chance.random() < 0.95 else None
        town = int(400 * chance.random() ** 3)  # a third were taken in the first ten or so
        where: tuple[object, ...] = (None,) * 4
        if chance.random() < 0.6:
            latitude, longitude = (degrees + chance.gauss(0, 0.05) for degrees in towns[town])
            name = f"Town {town}, Region {town % 40}, Country {town % 20}"
            where = (latitude, longitude, name, f"{chr(65 + town % 20)}X")
        camera = f"Maker {number % 6} Model {chance.randrange(25)}"
        rating = chance.choice([None] * 8 + [3, 5])
        yield (number, f"{number:032x}", 4000, 3000, FORMATS[number % 6], taken, camera, *where, rating)


def _files(count: int) -> Iterator[tuple[object, ...]]:
    for number in range(1, count + 1):
        missing = "2026-01-01 00:00:00.000000" if number % 100 == 0 else None
        path = f"{2005 + number % 20}/{number % 12:02}/{number % 50:02}/IMG_{number}.jpg"
        yield path.encode(), number, missing, 4 if number % 200 == 1 else None
        if number % 20 == 0:
            yield f"copies/IMG_{number}.jpg".encode(), number, missing, None


if __name__ == "__main__":
    main()
