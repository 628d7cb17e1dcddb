from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from indexer.embedding import embedded
from indexer.reading import Read, Unread
from storage.records import Failure, FileState, PhotoFacts


def read(number: int, content: str | None = None) -> Read:
    """A file whose crop is its number."""
    facts = PhotoFacts(content or f"hash {number}", 1, 1, "PNG")
    return Read(FileState(f"/p/{number}.png", 1, 1), facts, np.full((1, 1, 3), number, dtype=np.uint8))


def numbers(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    return crops.reshape(len(crops), 3).astype(np.float32)


def none(hashes: object) -> set[str]:
    return set()


def test_batches_in_order_each_with_its_embeddings() -> None:
    bad = Unread(Failure("/p/x", "empty", datetime.now(UTC), 0, 0), True)
    files: list[Read | Unread] = [read(1), read(2), bad, read(4)]
    first, second = embedded(files, numbers, none, size=2, stop=threading.Event())
    assert (first[0], second[0]) == (files[:2], files[2:])
    assert {content: vector.tolist() for content, vector in first[1].items()} == {
        "hash 1": [1, 1, 1],
        "hash 2": [2, 2, 2],
    }
    assert list(second[1]) == ["hash 4"]


def test_a_content_is_embedded_once_and_not_when_known() -> None:
    seen: list[list[int]] = []

    def note(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        seen.append(crops[:, 0, 0, 0].tolist())
        return numbers(crops)

    def known(hashes: object) -> set[str]:
        return {"hash 5"}

    files = [read(1, "same"), read(2, "same"), read(3, "same"), read(4), read(5), read(6)]
    batches = [list(found) for _, found in embedded(files, note, known, size=2, stop=threading.Event())]
    assert batches == [["same"], ["hash 4"], ["hash 6"]]
    assert [len(each) for each in seen] == [1, 1, 1]


def test_the_next_batch_is_computed_while_one_is_stored() -> None:
    begun = {1: threading.Event(), 2: threading.Event()}

    def announce(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        begun[int(crops[0, 0, 0, 0])].set()
        return numbers(crops)

    batches = embedded([read(1), read(2)], announce, none, size=1, stop=threading.Event())
    next(batches)
    assert begun[2].wait(60)  # though nobody has asked for it
    assert list(next(batches)[1]) == ["hash 2"]


def test_what_is_no_direction_is_left_out() -> None:
    def some_bad(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        vectors = numbers(crops)
        vectors[vectors == 2] = np.nan
        vectors[vectors == 3] = np.inf
        return vectors

    files = [read(number) for number in range(5)]
    ((_, found),) = embedded(files, some_bad, none, size=5, stop=threading.Event())
    assert list(found) == ["hash 1", "hash 4"]


def test_after_a_stop_the_files_in_hand_are_the_last() -> None:
    stop, taken = threading.Event(), []

    def files() -> Iterator[Read]:
        for number in range(100):
            taken.append(number)
            yield read(number + 1)

    batches = embedded(files(), numbers, none, size=2, stop=stop)
    assert len(next(batches)[0]) == 2
    stop.set()
    assert [len(batch) for batch, _ in batches] == [2]
    assert taken == [0, 1, 2, 3]
