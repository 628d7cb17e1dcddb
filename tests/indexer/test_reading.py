from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer.errors import PhotoUnreadable
from indexer.reading import Pixels, Read, Reader, Unread, in_order, unread
from storage.library import Library
from storage.records import FileState, ModelRef, NewPhoto

MODEL = ModelRef("t" * 16, "tiny", 2)


def width_as_pixels(photo: Image.Image) -> Pixels:
    return np.full((3, 1, 1), photo.width, dtype=np.float32)


def state(path: Path) -> FileState:
    return FileState(str(path), path.stat().st_size, path.stat().st_mtime_ns)


def test_results_keep_their_order_however_the_workers_finish() -> None:
    first_may_end = threading.Event()

    def task(item: int) -> int:
        if item == 0:
            assert first_may_end.wait(60)
        else:
            first_may_end.set()
        return item * 10

    with ThreadPoolExecutor(2) as pool:
        assert list(in_order(pool, task, range(5), ahead=3)) == [0, 10, 20, 30, 40]


def test_no_more_items_are_taken_than_may_be_ahead() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for item in range(100):
            taken.append(item)
            yield item

    with ThreadPoolExecutor(2) as pool:
        results = in_order(pool, str, items(), ahead=4)
        assert [next(results), next(results)] == ["0", "1"]
    assert taken == [0, 1, 2, 3, 4]


def test_an_error_of_a_task_comes_in_its_turn() -> None:
    with ThreadPoolExecutor(2) as pool:
        results = in_order(pool, lambda divisor: 6 // divisor, [3, 0, 1], ahead=3)
        assert next(results) == 2
        with pytest.raises(ZeroDivisionError):
            next(results)


def test_files_are_read_or_unread_in_order(save: Callable[..., Path], photos: Path, library: Library) -> None:
    (photos / "b.jpg").write_text("hello")
    files = [state(save("a.png", size=(5, 4))), state(photos / "b.jpg"), state(save("c.png", size=(7, 4)))]
    a, b, c = Reader(library, MODEL, width_as_pixels, ahead=2).read(files)
    assert isinstance(a, Read) and isinstance(b, Unread) and isinstance(c, Read)
    assert (a.file, b.failure.path, c.file) == (files[0], files[1].path, files[2])
    assert a.pixels is not None and a.pixels.tolist() == [[[5]], [[5]], [[5]]]
    assert c.pixels is not None and c.pixels.tolist() == [[[7]], [[7]], [[7]]]


def test_a_content_that_is_embedded_comes_without_pixels_but_with_facts(
    save: Callable[..., Path], photos: Path, library: Library
) -> None:
    reader = Reader(library, MODEL, width_as_pixels, ahead=2)
    (first,) = reader.read([state(save("a.png"))])
    assert isinstance(first, Read)
    library.add_root(photos)
    library.add(MODEL, [NewPhoto(first.file, first.facts, np.array([1, 0], dtype=np.float32))])
    (second,) = reader.read([state(save("copy.png"))])
    assert isinstance(second, Read)
    assert (second.pixels, second.facts) == (None, replace(first.facts, phash=None))


def test_closing_early_leaves_no_worker_behind(save: Callable[..., Path], library: Library) -> None:
    before = threading.active_count()
    files = [state(save(f"{number}.png", (number, 0, 0))) for number in range(20)]
    reading = Reader(library, MODEL, width_as_pixels, ahead=4).read(files)
    next(reading)
    reading.close()
    assert threading.active_count() == before


def test_a_failure_that_may_pass_never_looks_unchanged() -> None:
    file = FileState("/p/a.jpg", 10, 20)
    lasting = unread(file, PhotoUnreadable(file.path, "empty file: 0 bytes"))
    passing = unread(file, PhotoUnreadable(file.path, "permission denied", lasting=False))
    assert (lasting.failure.size, lasting.failure.mtime_ns, lasting.lasting) == (10, 20, True)
    assert (passing.failure.size, passing.failure.mtime_ns, passing.lasting) == (0, 0, False)
    assert lasting.failure.failed_at.tzinfo is not None
