import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from storage.records import FileState
from storage.work_list import WorkList


def file(name: str) -> FileState:
    return FileState(f"/photos/{name}", 10, 1_600_000_000_123_456_789)


def test_each_list_keeps_its_files_in_order() -> None:
    with WorkList() as work:
        with work.unless_taken_back() as draft:
            for name in "bac":
                assert draft.add("read", file(name))
            draft.add("vanished", file("d"))
        assert list(work.files()) == [file("b"), file("a"), file("c")]
        assert list(work.paths("vanished")) == [["/photos/d"]]
        assert [work.count(which) for which in ("read", "returned", "vanished")] == [3, 0, 1]


def test_many_files_come_in_pages_also_in_another_thread() -> None:
    with WorkList() as work, ThreadPoolExecutor(1) as pool:
        with work.unless_taken_back() as draft:
            for number in range(2500):
                draft.add("returned", file(str(number)))
        pages = pool.submit(lambda: list(work.paths("returned"))).result()
        assert [len(page) for page in pages] == [1000, 1000, 500]
        assert pages[2][-1] == "/photos/2499"


def test_of_the_files_of_a_photo_only_the_first_is_taken() -> None:
    with WorkList() as work:
        with work.unless_taken_back() as draft:
            taken = [
                draft.add("read", file(name), only_one_of=photo)
                for name, photo in zip("abc", (1, 1, 2), strict=True)
            ]
        with work.unless_taken_back() as draft:
            assert not draft.add("read", file("d"), only_one_of=2)
        assert taken == [True, False, True]
        assert list(work.files()) == [file("a"), file("c")]


def test_what_is_taken_back_does_not_count() -> None:
    with WorkList() as work:
        with work.unless_taken_back() as draft:
            draft.add("vanished", file("a"))
            draft.take_back()
        with pytest.raises(RuntimeError), work.unless_taken_back() as draft:
            draft.add("vanished", file("b"))
            raise RuntimeError
        with work.unless_taken_back() as draft:
            draft.add("vanished", file("c"))
        assert list(work.files("vanished")) == [file("c")]


def test_a_name_that_is_not_utf8_comes_back() -> None:
    odd = file(os.fsdecode(b"caf\xe9"))
    with WorkList() as work:
        with work.unless_taken_back() as draft:
            draft.add("read", odd)
        assert list(work.files()) == [odd]
