"""Photos read in the background are those asked for, each once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from search.reading_ahead import ReadingAhead
from storage.records import PhotoRecord


def photo(number: int) -> PhotoRecord:
    return PhotoRecord(number, (f"{number}.png",), str(number), 1, 1, "PNG", None, None, None, None)


@pytest.fixture
def read() -> list[int]:
    """The photos read so far."""
    return []


@pytest.fixture
def load(read: list[int]) -> Callable[[PhotoRecord], NDArray[Any]]:
    """A photo's id; 13 cannot be read."""

    def load_pixels(photo: PhotoRecord) -> NDArray[Any]:
        read.append(photo.photo_id)
        if photo.photo_id == 13:
            raise OSError("gone")
        return np.array(photo.photo_id)

    return load_pixels


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as readers:
        yield readers


def test_what_was_started_and_what_was_not(
    pool: ThreadPoolExecutor, load: Callable[..., Any], read: list[int]
) -> None:
    reading = ReadingAhead(pool, load)
    reading.start([photo(1), photo(13), photo(1)])
    found = reading.take([photo(1), photo(13), photo(2), photo(2)])
    assert {content: int(pixels) for content, pixels in found.items()} == {"1": 1, "2": 2}
    assert sorted(read) == [1, 2, 13]


def test_what_was_taken_is_not_held(
    pool: ThreadPoolExecutor, load: Callable[..., Any], read: list[int]
) -> None:
    reading = ReadingAhead(pool, load)
    reading.take([photo(1)])
    reading.take([photo(1)])
    assert read == [1, 1]


def test_what_waits_when_it_stops_is_not_read(read: list[int]) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def load_slowly(photo: PhotoRecord) -> NDArray[Any]:
        read.append(photo.photo_id)
        begun.set()
        go_on.wait()
        return np.array(0)

    with ThreadPoolExecutor(1) as pool:
        reading = ReadingAhead(pool, load_slowly)
        reading.start([photo(1), photo(2)])
        begun.wait()
        reading.stop()
        go_on.set()
    assert read == [1]
