from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from indexer.arrivals import Arrival, judge
from indexer.reading import Read
from storage.library import Library
from storage.records import FileState, ModelRef, NewPhoto, PhotoFacts

MODEL = ModelRef("t" * 16, "tiny", 2)
LONG_AGO, NOW = datetime(2020, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def at(photos: Path, library: Library) -> Path:
    """The folder, with a.png and b.png of content "one" in the library, and c.png of content "two"."""
    library.add_root(photos)
    unit = np.array([1, 0], dtype=np.float32)
    held = (("a.png", "one"), ("b.png", "one"), ("c.png", "two"))
    library.add(
        MODEL,
        [
            NewPhoto(FileState(str(photos / name), 1, 1), PhotoFacts(content, 1, 1, "PNG"), unit)
            for name, content in held
        ],
    )
    return photos


def judged(library: Library, at: Path, *files: tuple[str, str]) -> list[Arrival]:
    """What files are, given by name and content, in one batch of a run that found files gone at NOW."""
    reads = [
        Read(FileState(str(at / name), 1, 1), PhotoFacts(content, 1, 1, "PNG"), None)
        for name, content in files
    ]
    known = library.photo_ids_by_hash([content for _, content in files], MODEL)
    return judge(reads, {content: photo_id for content, (photo_id, _) in known.items()}, library, NOW)


def kinds(arrivals: list[Arrival]) -> list[str]:
    return [arrival.kind for arrival in arrivals]


def was(arrival: Arrival) -> str | None:
    return None if arrival.was is None else Path(arrival.was.path).name


def test_known_paths_and_new_contents(library: Library, at: Path) -> None:
    files = (("a.png", "one"), ("c.png", "three"), ("d.png", "four"), ("e.png", "four"), ("f.png", "two"))
    assert kinds(judged(library, at, *files)) == ["unchanged", "changed", "added", "copies", "copies"]


def test_a_file_gone_in_this_run_has_moved_though_a_copy_of_it_stays(library: Library, at: Path) -> None:
    library.mark_missing([str(at / "a.png")], NOW)
    first, second = judged(library, at, ("x.png", "one"), ("y.png", "one"))
    assert (first.kind, was(first)) == ("moved", "a.png")
    assert (second.kind, was(second)) == ("copies", None)


def test_a_file_gone_before_gives_its_row_to_a_copy(library: Library, at: Path) -> None:
    library.mark_missing([str(at / "a.png")], LONG_AGO)
    [copy] = judged(library, at, ("x.png", "one"))
    assert (copy.kind, was(copy)) == ("copies", "a.png")


def test_a_photo_whose_files_had_all_gone_before_has_moved(library: Library, at: Path) -> None:
    library.mark_missing([str(at / "c.png")], LONG_AGO)
    [moved] = judged(library, at, ("x.png", "two"))
    assert (moved.kind, was(moved)) == ("moved", "c.png")


def test_the_file_that_went_last_is_the_one_that_moved(library: Library, at: Path) -> None:
    library.mark_missing([str(at / "b.png")], LONG_AGO)
    library.mark_missing([str(at / "a.png")], NOW)
    first, second, third = judged(library, at, ("x.png", "one"), ("y.png", "one"), ("z.png", "one"))
    assert [was(each) for each in (first, second, third)] == ["a.png", "b.png", None]
    assert kinds([first, second, third]) == ["moved", "copies", "copies"]


def test_a_place_where_there_is_a_file_again_keeps_its_row(library: Library, at: Path) -> None:
    library.mark_missing([str(at / "c.png")], LONG_AGO)
    (at / "c.png").touch()  # changed, and to be read later in the run
    [moved] = judged(library, at, ("b2.png", "two"))
    assert (moved.kind, was(moved)) == ("moved", None)
