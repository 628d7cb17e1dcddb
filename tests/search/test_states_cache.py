"""What is kept, what goes, and what threads see of each other's work."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from search.states_cache import Key, StatesCache, wait


@dataclass(frozen=True)
class Sized:
    """States of so many bytes."""

    nbytes: int


def put(cache: StatesCache, key: str, nbytes: int) -> None:
    assert cache.claim([(key,)]).mine == [(key,)]
    cache.give((key,), Sized(nbytes))


def test_the_least_recently_used_goes_first() -> None:
    cache = StatesCache(100)
    for key in "abc":
        put(cache, key, 30)
    assert cache.claim([("a",)]).held == {("a",): Sized(30)}
    put(cache, "d", 60)
    assert [(key,) in cache for key in "abcd"] == [True, False, False, True]
    assert cache.nbytes == 90


def test_what_is_larger_than_the_limit_is_not_kept() -> None:
    cache = StatesCache(100)
    put(cache, "a", 30)
    put(cache, "b", 101)
    assert (("a",) in cache, ("b",) in cache, cache.nbytes) == (True, False, 30)


def test_a_key_asked_for_twice_is_claimed_once() -> None:
    assert StatesCache(100).claim([("a",), ("b",), ("a",)]).mine == [("a",), ("b",)]


def test_who_asks_while_it_is_made_gets_what_is_made() -> None:
    cache = StatesCache(0)  # handed over even where nothing is kept
    assert cache.claim([("a",)]).mine == [("a",)]
    second = cache.claim([("a",), ("b",)])
    assert (list(second.awaited), second.mine) == ([("a",)], [("b",)])
    cache.give(("a",), Sized(7))
    assert wait(second.awaited["a",]) == Sized(7)
    assert ("a",) not in cache


def test_who_waits_for_what_is_dropped_gets_none_and_may_make_it() -> None:
    cache = StatesCache(100)
    first = cache.claim([("a",), ("b",)])
    second = cache.claim([("a",), ("b",)])
    cache.give(("a",), Sized(7))
    cache.drop(first.mine)  # "a" is given already
    assert wait(second.awaited["a",]) == Sized(7)
    assert wait(second.awaited["b",]) is None
    assert cache.claim([("b",)]).mine == [("b",)]


def test_sixteen_threads_make_each_key_once() -> None:
    cache, together = StatesCache(10_000), threading.Barrier(16)
    made: list[Key] = []

    def ask(_: int) -> list[int]:
        together.wait()
        claim = cache.claim([(str(n),) for n in range(50)])
        for key in claim.mine:
            made.append(key)
            cache.give(key, Sized(int(key[0])))
        found = claim.held | {key: wait(making) for key, making in claim.awaited.items()}
        return [state.nbytes for state in found.values()]

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(16)))
    assert sorted(int(key[0]) for key in made) == list(range(50))
    assert sum(map(len, answers)) == 15 * 50  # all but what the thread itself made
