from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

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


def plan_of(library: Library, *folders: Path, model: ModelRef = MODEL) -> Plan:
    plan = make_plan(folders, library, model, threading.Event())
    assert plan is not None
    return plan


def test_new_unchanged_and_vanished(photos: Path, save: Callable[..., Path], library: Library) -> None:
    kept, gone = save("kept.png"), save("gone.png")
    store(library, kept, gone)
    gone.unlink()
    new = save("new.png")
    plan = plan_of(library, photos)
    assert plan.to_read == (state(new),)
    assert plan.unchanged == 1
    assert [file.path for file in plan.vanished] == [str(gone)]
    assert plan.offline == ()


def test_files_of_unchanged_photos_are_read_for_a_model_that_lacks_them(
    photos: Path, save: Callable[..., Path], library: Library
) -> None:
    path = save("a.png")
    store(library, path)
    assert plan_of(library, photos).to_read == ()
    plan = plan_of(library, photos, model=OTHER)
    assert (plan.to_read, plan.unchanged) == ((state(path),), 0)


def test_an_unchanged_failure_is_not_read_again_and_others_are(
    photos: Path, save: Callable[..., Path], library: Library
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
    plan = plan_of(library, photos)
    assert plan.failing == (failures[0],)
    assert plan.to_read == (state(changed),)
    assert plan.mended == (str(gone),)


def test_an_empty_folder_is_offline_and_nothing_in_it_has_vanished(
    photos: Path, save: Callable[..., Path], library: Library
) -> None:
    path = save("disk/a.png")
    store(library, path)
    path.unlink()
    plan = plan_of(library, photos / "disk")
    assert plan.offline == (str(photos / "disk"),)
    assert plan.vanished == ()


def test_nothing_found_and_nothing_known(photos: Path, library: Library) -> None:
    with pytest.raises(NoPhotos, match=r"\.jpg"):
        plan_of(library, photos)


def test_a_root_that_goes_away_before_it_is_walked(photos: Path, library: Library) -> None:
    with pytest.raises(FolderUnreadable, match="gone"):
        plan_of(library, photos / "gone")


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
