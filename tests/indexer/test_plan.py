from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from indexer.errors import FolderUnreadable, NoPhotos
from indexer.plan import Plan, is_inside, make_plan
from indexer.scan import scan
from storage.library import Library
from storage.records import Failure, FileState, ModelRef, NewPhoto, PhotoFacts

MODEL = ModelRef("t" * 16, "tiny", 2)
OTHER = ModelRef("u" * 16, "other", 2)


def state(path: Path) -> FileState:
    return FileState(str(path), path.stat().st_size, path.stat().st_mtime_ns)


def store(library: Library, *paths: Path) -> None:
    """Put files into the library as they are now, each as a photo of its own."""
    library.add_root(paths[0].parent)
    unit = np.array([1, 0], dtype=np.float32)
    library.add(MODEL, [NewPhoto(state(path), PhotoFacts(path.name, 1, 1, "PNG"), unit) for path in paths])


@pytest.fixture
def plan_of(library: Library) -> Iterator[Callable[..., Plan]]:
    """Plans a run over folders; what it keeps on disk goes with the test."""
    plans: list[Plan] = []

    def make(*folders: Path, model: ModelRef = MODEL) -> Plan:
        plan = make_plan(folders, library, model, threading.Event())
        assert plan is not None
        plans.append(plan)
        return plan

    yield make
    for plan in plans:
        plan.work.close()


def listed(plan: Plan, which: Literal["read", "returned", "vanished"]) -> list[FileState]:
    return list(plan.work.files(which))


def test_new_unchanged_and_vanished(
    photos: Path, save: Callable[..., Path], library: Library, plan_of: Callable[..., Plan]
) -> None:
    kept, gone = save("kept.png"), save("gone.png")
    store(library, kept, gone)
    gone.unlink()
    new = save("new.png")
    plan = plan_of(photos)
    assert listed(plan, "read") == [state(new)]
    assert plan.to_read == 1
    assert plan.unchanged == 1
    assert [file.path for file in listed(plan, "vanished")] == [str(gone)]
    assert plan.vanished == 1
    assert plan.offline == []


def test_files_of_unchanged_photos_are_read_for_a_model_that_lacks_them(
    photos: Path, save: Callable[..., Path], library: Library, plan_of: Callable[..., Plan]
) -> None:
    path = save("a.png")
    store(library, path)
    assert plan_of(photos).to_read == 0
    plan = plan_of(photos, model=OTHER)
    assert (listed(plan, "read"), plan.unchanged) == ([state(path)], 0)


def test_of_the_copies_that_a_model_lacks_one_is_read(
    photos: Path, save: Callable[..., Path], library: Library, plan_of: Callable[..., Plan]
) -> None:
    paths = [save("a.png"), save("b/a.png"), save("c.png")]
    library.add_root(photos)
    unit = np.array([1, 0], dtype=np.float32)
    same = PhotoFacts("same", 1, 1, "PNG")
    library.add(MODEL, [NewPhoto(state(path), same, unit) for path in paths])
    plan = plan_of(photos, model=OTHER)
    assert (listed(plan, "read"), plan.unchanged) == ([state(paths[0])], 2)


def test_a_missing_file_that_is_as_it_was_has_returned(
    photos: Path, save: Callable[..., Path], library: Library, plan_of: Callable[..., Plan]
) -> None:
    path = save("a.png")
    store(library, path)
    library.mark_missing([str(path)])
    plan = plan_of(photos)
    assert (listed(plan, "returned"), plan.unchanged, plan.to_read) == ([state(path)], 1, 0)


def test_an_empty_folder_beside_one_with_photos(
    photos: Path, save: Callable[..., Path], library: Library, plan_of: Callable[..., Plan]
) -> None:
    disk, gone, kept = save("disk/a.png"), save("home/b.png"), save("home/c.png")
    store(library, disk)
    store(library, gone, kept)
    disk.unlink()
    gone.unlink()
    plan = plan_of(photos / "disk", photos / "home")
    assert plan.offline == [str(photos / "disk")]
    assert [file.path for file in listed(plan, "vanished")] == [str(gone)]


def test_an_unchanged_failure_is_not_read_again_and_others_are(
    photos: Path, save: Callable[..., Path], library: Library, plan_of: Callable[..., Plan]
) -> None:
    same, changed, gone = save("same.png"), save("changed.png"), photos / "gone.png"
    library.add_root(photos)
    at = datetime(2024, 1, 1, tzinfo=UTC)
    failures = [
        Failure(str(same), "damaged", at, same.stat().st_size, same.stat().st_mtime_ns),
        Failure(str(changed), "damaged", at, 1, 1),
        Failure(str(gone), "damaged", at, 1, 1),
    ]
    library.add_failures(failures)
    plan = plan_of(photos)
    assert plan.failing == [failures[0]]
    assert listed(plan, "read") == [state(changed)]
    assert plan.mended == [str(gone)]


def test_an_empty_folder_is_offline_and_nothing_in_it_has_vanished(
    photos: Path, save: Callable[..., Path], library: Library, plan_of: Callable[..., Plan]
) -> None:
    path = save("disk/a.png")
    store(library, path)
    path.unlink()
    plan = plan_of(photos / "disk")
    assert plan.offline == [str(photos / "disk")]
    assert (plan.vanished, listed(plan, "vanished")) == (0, [])


def test_nothing_found_and_nothing_known(
    photos: Path, library: Library, plan_of: Callable[..., Plan]
) -> None:
    with pytest.raises(NoPhotos, match=r"\.jpg"):
        plan_of(photos)


def test_a_root_that_goes_away_before_it_is_walked(
    photos: Path, library: Library, plan_of: Callable[..., Plan]
) -> None:
    with pytest.raises(FolderUnreadable, match="gone"):
        plan_of(photos / "gone")


def test_a_stop_during_the_scan_makes_no_plan(
    photos: Path, save: Callable[..., Path], library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(library, save("a.png"), save("b.png"))
    stop, walk = threading.Event(), scan

    def stop_at_the_first(*arguments: object) -> object:
        for file in walk(*arguments):  # type: ignore[arg-type]
            stop.set()
            yield file

    monkeypatch.setattr("indexer.plan.scan", stop_at_the_first)
    assert make_plan([photos], library, MODEL, stop) is None


@pytest.mark.parametrize(
    ("path", "folder", "inside"),
    [("/a/b", "/a", True), ("/a", "/a", True), ("/ab", "/a", False), ("/a", "/", True), ("/", "/a", False)],
)
def test_is_inside(path: str, folder: str, inside: bool) -> None:
    assert is_inside(path, [folder]) is inside
