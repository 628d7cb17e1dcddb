"""A cache of photos' small things: what goes in comes out, the bound holds, and damage costs one making."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import Popen

import pytest

from storage.photo_cache import PhotoCache

BOUND = 1_000_000
THING = 100_000


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[PhotoCache]:
    made = PhotoCache(tmp_path / "things.sqlite")
    yield made
    made.close()


@pytest.fixture
def bounded(tmp_path: Path) -> Iterator[PhotoCache]:
    made = PhotoCache(tmp_path / "bounded.sqlite", BOUND)
    yield made
    made.close()


def thing(number: int) -> bytes:
    return bytes([number]) * THING


def kept(cache: PhotoCache, count: int) -> list[int]:
    names = {f"h{number}" for number in range(count)}
    return sorted(int(name[1:]) for name in names - cache.lacking(names))


def alter(path: Path, statement: str, *values: object) -> None:
    rows = sqlite3.connect(path)
    with rows:
        rows.execute(statement, values)
    rows.close()


def test_what_was_put_comes_back_by_hash_and_maker(cache: PhotoCache) -> None:
    cache.put("a", b"small")
    cache.put("a", b"other", "model")
    assert (cache.get("a"), cache.get("a", "model"), cache.get("b")) == (b"small", b"other", None)


def test_a_later_one_takes_the_place_of_an_earlier(cache: PhotoCache) -> None:
    cache.put("a", b"before")
    cache.put("a", b"after")
    assert cache.get("a") == b"after"


def test_reading_makes_no_file(cache: PhotoCache) -> None:
    assert cache.get("a") is None
    assert cache.lacking(["a"]) == {"a"}
    assert (cache.path.exists(), cache.size_bytes()) == (False, 0)


def test_it_is_there_after_closing(cache: PhotoCache) -> None:
    cache.put("a", b"small")
    cache.close()
    assert PhotoCache(cache.path).get("a") == b"small"


def test_what_was_used_least_recently_makes_room(bounded: PhotoCache) -> None:
    for number in range(8):  # six pages of 16,384 bytes each and as many for the tables: no room for a ninth
        bounded.put(f"h{number}", thing(number))
    assert bounded.get("h0") == thing(0)
    bounded.put("h8", thing(8))
    assert kept(bounded, 9) == [0, 2, 3, 4, 5, 6, 7, 8]


def test_the_file_stays_within_the_bound(bounded: PhotoCache) -> None:
    for number in range(40):
        bounded.put(f"h{number}", thing(number))
    bounded.close()
    assert bounded.path.stat().st_size <= BOUND
    assert kept(bounded, 40)[-1] == 39


def test_what_is_larger_than_the_bound_is_not_kept(bounded: PhotoCache) -> None:
    bounded.put("h0", thing(0))
    bounded.put("large", bytes(BOUND))
    assert (bounded.get("large"), bounded.get("h0")) == (None, thing(0))


def test_filling_puts_nothing_out(bounded: PhotoCache) -> None:
    bounded.fill({f"h{number}": thing(number) for number in range(40)})
    assert kept(bounded, 40) == list(range(8))


def test_a_lower_bound_gives_the_room_back(bounded: PhotoCache) -> None:
    bounded.fill({f"h{number}": thing(number) for number in range(7)})
    bounded.close()
    lower = PhotoCache(bounded.path, 400_000)
    lower.put("h7", thing(7))
    lower.close()
    assert kept(lower, 8) == [6, 7]
    assert lower.path.stat().st_size <= 400_000


def test_a_bound_of_zero_keeps_and_gives_nothing(tmp_path: Path) -> None:
    PhotoCache(tmp_path / "a.sqlite").put("a", b"small")
    off = PhotoCache(tmp_path / "a.sqlite", 0)
    off.put("b", b"small")
    assert (off.get("a"), off.get("b"), off.lacking(["a", "b"])) == (None, None, set())


def test_altered_bytes_are_noticed_and_let_go(cache: PhotoCache) -> None:
    cache.put("a", b"small")
    cache.close()
    alter(cache.path, "UPDATE contents SET bytes = ?", b"smalL")
    assert cache.get("a") is None
    assert cache.lacking(["a"]) == {"a"}


@pytest.mark.parametrize("damage", ["not SQLite", "cut short"])
def test_a_damaged_file_is_begun_anew(cache: PhotoCache, damage: str) -> None:
    for number in range(9):
        cache.put(f"h{number}", thing(number))
    cache.close()
    if damage == "cut short":
        os.truncate(cache.path, cache.path.stat().st_size // 2)
    else:
        cache.path.write_bytes(b"nothing of SQLite's" * 1000)
    assert cache.get("h8") is None
    cache.put("h8", thing(8))
    assert (cache.get("h8"), cache.problem, cache.damage()) == (thing(8), None, None)


def test_damage_is_said(cache: PhotoCache) -> None:
    assert cache.damage() is None
    cache.path.write_bytes(b"nothing of SQLite's" * 1000)
    assert cache.damage() == "file is not a database"


def test_a_full_disk_stops_the_writing_and_nothing_else(cache: PhotoCache) -> None:
    cache.put("a", b"small")
    cache._connection.execute("PRAGMA max_page_count = 8")  # type: ignore[union-attr]
    cache.put("b", bytes(1_000_000))
    assert cache.problem == f"{cache.path}: database or disk is full"
    cache.put("c", b"small")
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (b"small", None, None)


def test_what_a_killed_program_was_writing_is_whole_or_not_there(
    cache: PhotoCache, child: Callable[..., "Popen[str]"]
) -> None:
    script = """
import sys, itertools
from pathlib import Path
from storage.photo_cache import PhotoCache
cache = PhotoCache(Path(sys.argv[1]))
for number in itertools.count():
    cache.put(f"h{number}", bytes([number % 256]) * 100_000)
    print(number, flush=True)
"""
    writer = child(script, cache.path)
    assert writer.stdout is not None
    while int(writer.stdout.readline()) < 5:
        pass
    writer.kill()
    writer.wait()
    assert [cache.get(f"h{number}") == thing(number) for number in range(6)] == [True] * 6
    assert cache.damage() is None


def test_two_at_a_time_see_what_the_other_keeps(cache: PhotoCache) -> None:
    other = PhotoCache(cache.path)
    cache.put("a", b"mine")
    other.put("b", b"theirs")
    assert (other.get("a"), cache.get("b")) == (b"mine", b"theirs")
    other.close()


def test_strangers_are_found_and_removed(cache: PhotoCache) -> None:
    cache.fill({"a": b"1", "b": b"2"})
    cache.put("a", b"3", "model")
    strangers = cache.strangers(lambda hashes: {"b"} & set(hashes))
    assert len(strangers) == 2
    cache.remove(strangers)
    assert (cache.get("a"), cache.get("a", "model"), cache.get("b")) == (None, None, b"2")
