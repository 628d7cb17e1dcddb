import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from storage.records import FileState, PathState
from storage.work_list import WorkList


def path_state(name: bytes) -> PathState:
    return b"/photos/" + name, 10, 1_600_000_000_123_456_789, 7


def file(name: bytes) -> FileState:
    return FileState(os.fsdecode(b"/photos/" + name), 10, 1_600_000_000_123_456_789, 7)


def test_each_list_keeps_its_files_in_order() -> None:
    with WorkList() as work:
        with work.unless_taken_back() as draft:
            for name in (b"b", b"a", b"c"):
                assert draft.add("read", path_state(name))
            draft.add("vanished", path_state(b"d"))
        assert list(work.files()) == [file(b"b"), file(b"a"), file(b"c")]
        assert list(work.paths("vanished")) == [["/photos/d"]]
        assert [work.count(which) for which in ("read", "returned", "vanished")] == [3, 0, 1]


def test_many_files_come_in_pages_also_in_another_thread() -> None:
    with WorkList() as work, ThreadPoolExecutor(1) as pool:
        with work.unless_taken_back() as draft:
            for number in range(2500):
                draft.add("returned", path_state(b"%d" % number))
        pages = pool.submit(lambda: list(work.paths("returned"))).result()
        assert [len(page) for page in pages] == [1000, 1000, 500]
        assert pages[2][-1] == "/photos/2499"


def test_of_the_files_of_a_photo_only_the_first_is_taken() -> None:
    with WorkList() as work:
        with work.unless_taken_back() as draft:
            taken = [
                draft.add("read", path_state(name), only_one_of=photo)
                for name, photo in zip((b"a", b"b", b"c"), (1, 1, 2), strict=True)
            ]
        with work.unless_taken_back() as draft:
            assert not draft.add("read", path_state(b"d"), only_one_of=2)
        assert taken == [True, False, True]
        assert list(work.files()) == [file(b"a"), file(b"c")]


def test_what_is_taken_back_does_not_count() -> None:
    with WorkList() as work:
        with work.unless_taken_back() as draft:
            draft.add("vanished", path_state(b"a"))
            draft.take_back()
        with pytest.raises(RuntimeError), work.unless_taken_back() as draft:
            draft.add("vanished", path_state(b"b"))
            raise RuntimeError
        with work.unless_taken_back() as draft:
            draft.add("vanished", path_state(b"c"))
        assert list(work.files("vanished")) == [file(b"c")]


def test_a_name_that_is_not_utf8_comes_back() -> None:
    with WorkList() as work:
        with work.unless_taken_back() as draft:
            draft.add("read", path_state(b"caf\xe9"))
        assert list(work.files()) == [file(b"caf\xe9")]
        assert list(work.paths("read")) == [["/photos/caf\udce9"]]
