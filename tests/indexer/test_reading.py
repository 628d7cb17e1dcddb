from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import PhotoUnreadable
from indexer.reading import Read, Reader, Unread, in_order, unread
from indexer.workers import Workers
from storage.library import Library
from storage.records import FileState, ModelRef, NewPhoto
from tests.indexer.tiny import DEADLY, Deadly, Quarters

MODEL = ModelRef("t" * 16, "tiny", 2)


def state(path: Path) -> FileState:
    return FileState(str(path), path.stat().st_size, path.stat().st_mtime_ns)


def some_files(count: int) -> list[tuple[int, FileState]]:
    return [(number, FileState(f"/p/{number}.jpg", number, 0)) for number in range(count)]


def test_results_keep_their_order_however_the_workers_finish(threads: Workers) -> None:
    first_may_end = threading.Event()

    def task(item: int) -> int:
        if item == 0:
            assert first_may_end.wait(60)
        else:
            first_may_end.set()
        return item * 10

    results = [(file.size, future.result()) for file, future in in_order(threads, task, some_files(5), 3)]
    assert results == [(0, 0), (1, 10), (2, 20), (3, 30), (4, 40)]


def test_no_more_items_are_taken_than_may_be_ahead(threads: Workers) -> None:
    taken: list[int] = []

    def items() -> Iterator[tuple[int, FileState]]:
        for item in some_files(100):
            taken.append(item[0])
            yield item

    results = in_order(threads, str, items(), ahead=4)
    assert [next(results)[1].result(), next(results)[1].result()] == ["0", "1"]
    assert taken == [0, 1, 2, 3, 4]


def test_an_error_of_a_task_comes_in_its_turn(threads: Workers) -> None:
    results = in_order(threads, lambda number: 6 // (number - 1), some_files(3), ahead=3)
    assert next(results)[1].result() == -6
    with pytest.raises(ZeroDivisionError):
        next(results)[1].result()


def test_files_are_read_or_unread_in_order(
    save: Callable[..., Path], photos: Path, library: Library, workers: Workers
) -> None:
    (photos / "b.jpg").write_text("hello")
    files = [state(save("a.png", "red")), state(photos / "b.jpg"), state(save("c.png", "blue"))]
    a, b, c = Reader(library, MODEL, Quarters(), workers, ahead=2).read(files)
    assert isinstance(a, Read) and isinstance(b, Unread) and isinstance(c, Read)
    assert (a.file, b.failure.path, c.file) == (files[0], files[1].path, files[2])
    assert a.crop is not None and a.crop.tolist() == [[[255, 0, 0]] * 2] * 2
    assert c.crop is not None and c.crop.tolist() == [[[0, 0, 255]] * 2] * 2


def test_a_content_that_is_embedded_comes_without_a_crop_but_with_facts(
    save: Callable[..., Path], photos: Path, library: Library, workers: Workers
) -> None:
    reader = Reader(library, MODEL, Quarters(), workers, ahead=2)
    (first,) = reader.read([state(save("a.png"))])
    assert isinstance(first, Read)
    library.add_root(photos)
    library.add(MODEL, [NewPhoto(first.file, first.facts, np.array([1, 0], dtype=np.float32))])
    (second,) = reader.read([state(save("copy.png"))])
    assert isinstance(second, Read)
    assert (second.crop, second.facts) == (None, replace(first.facts, phash=None))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_a_photo_that_kills_its_decoder_is_one_failure_and_tried_again(
    save: Callable[..., Path], library: Library, workers: Workers
) -> None:
    files = [
        state(save("a.png", "red")),
        state(save("deadly.png", size=DEADLY)),
        state(save("c.png", "blue")),
    ]
    a, deadly, c = Reader(library, MODEL, Deadly(), workers, ahead=2).read(files)
    assert isinstance(a, Read) and isinstance(c, Read) and isinstance(deadly, Unread)
    assert (deadly.failure.path, deadly.failure.reason) == (files[1].path, "its decoder was ended by SIGKILL")
    assert (deadly.lasting, deadly.failure.mtime_ns) == (False, 0)


def test_what_is_ahead_is_dropped_when_closed_early(
    save: Callable[..., Path], library: Library, threads: Workers
) -> None:
    files = [state(save(f"{number}.png", (number, 0, 0))) for number in range(20)]
    reading = Reader(library, MODEL, Quarters(), threads, ahead=4).read(files)
    next(reading)
    reading.close()
    assert threads.submit(str, 1).result() == "1"  # nothing keeps them busy


def test_a_failure_that_may_pass_never_looks_unchanged() -> None:
    file = FileState("/p/a.jpg", 10, 20)
    lasting = unread(file, PhotoUnreadable(file.path, "empty file: 0 bytes"))
    passing = unread(file, PhotoUnreadable(file.path, "permission denied", lasting=False))
    assert (lasting.failure.size, lasting.failure.mtime_ns, lasting.lasting) == (10, 20, True)
    assert (passing.failure.size, passing.failure.mtime_ns, passing.lasting) == (0, 0, False)
    assert lasting.failure.failed_at.tzinfo is not None
