"""A watch over real folders, in a thread of its own; the tests wait for its reports."""

from __future__ import annotations

import queue
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from benchmarks.tiny_photos import one_pixel
from indexer.errors import FolderNotFound
from indexer.report import Progress, Report
from indexer.watch import watch
from storage.errors import LibraryLocked
from storage.library import Library

PATIENCE = 120  # seconds after which something is wrong, on however slow a machine
NAMES = ("added", "changed", "moved", "copies", "missing", "failed", "unchanged")


class Watching:
    """A watch under way and what it has told."""

    def __init__(self, folders: list[Path], library: Path, model: Any) -> None:
        self.library = library
        self.reports: queue.Queue[Report] = queue.Queue()
        self.locked = threading.Event()
        self.stop = threading.Event()
        self.error: BaseException | None = None
        self._arguments = (folders, lambda: Library.open(library, write=True), model, self, self.stop)
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        try:
            watch(*self._arguments, settle_seconds=0.2)
        except BaseException as error:
            self.error = error

    def progress(self, progress: Progress) -> None:
        pass

    def report(self, report: Report) -> None:
        self.reports.put(report)

    def waiting(self, error: LibraryLocked) -> None:
        self.locked.set()

    def next(self) -> dict[str, int]:
        """The counts of the next run that are not nought."""
        report = self.reports.get(timeout=PATIENCE)
        return {name: getattr(report, name) for name in NAMES if getattr(report, name)}

    def until(self, **expected: int) -> None:
        """Wait until runs have found so many, in whatever parts."""
        found = dict.fromkeys(expected, 0)
        while found != expected:
            counts = self.next()
            for name in expected:
                found[name] += counts.get(name, 0)
            assert all(found[name] <= expected[name] for name in expected), (found, expected)

    def end(self) -> None:
        self.stop.set()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


@pytest.fixture
def watching(photos: Path, library: Library, encoder: Any) -> Iterator[Callable[..., Watching]]:
    """Starts a watch of the photos folder, or of others; it ends with the test."""
    library.close()
    started: list[Watching] = []

    def start(*folders: Path) -> Watching:
        made = Watching(list(folders) or [photos], library.folder, encoder)
        started.append(made)
        made.thread.start()
        return made

    yield start
    for each in started:
        each.end()


def photo(path: Path, colour: str = "red") -> Path:
    """A photo that appears at once and whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    Image.new("RGB", (16, 8), colour).save(part, "PNG")
    return part.rename(path)


def present(folder: Path) -> list[str]:
    with Library.open(folder) as library:
        records = library.photos(library.present_photo_ids().tolist()).values()
        return sorted(Path(path).name for record in records for path in record.paths)


def test_photos_that_come_change_move_and_go(
    photos: Path, watching: Callable[..., Watching], encoder: Any
) -> None:
    photo(photos / "a" / "1.png", "red")
    photo(photos / "b" / "2.png", "blue")
    watched = watching()
    assert watched.next() == {"added": 2}
    photo(photos / "a" / "3.png", "lime")
    watched.until(added=1)
    photo(photos / "a" / "3.png", "white")
    watched.until(changed=1)
    (photos / "a" / "1.png").rename(photos / "b" / "4.png")
    watched.until(moved=1)
    shutil.copy(photos / "b" / "4.png", photos / "b" / "5.png")
    watched.until(copies=1)
    (photos / "b" / "2.png").unlink()
    watched.until(missing=1)
    assert present(watched.library) == ["3.png", "4.png", "5.png"]
    assert encoder.seen == 4


def test_a_run_over_one_folder_leaves_the_others_alone(
    photos: Path, watching: Callable[..., Watching]
) -> None:
    photo(photos / "a" / "1.png", "red")
    photo(photos / "b" / "2.png", "blue")
    watched = watching()
    watched.next()
    photo(photos / "a" / "3.png", "lime")
    assert watched.next() == {"added": 1, "unchanged": 1}  # of a alone
    assert present(watched.library) == ["1.png", "2.png", "3.png"]


def test_a_folder_moved_in_and_one_removed(
    photos: Path, watching: Callable[..., Watching], tmp_path: Path
) -> None:
    photo(photos / "a" / "1.png", "red")
    photo(tmp_path / "camera" / "deep" / "2.png", "blue")
    photo(tmp_path / "camera" / "3.png", "lime")
    watched = watching()
    watched.next()
    (tmp_path / "camera").rename(photos / "camera")
    watched.until(added=2)
    shutil.rmtree(photos / "a")
    watched.until(missing=1)
    assert present(watched.library) == ["2.png", "3.png"]


def test_a_folder_whose_last_photo_goes(photos: Path, watching: Callable[..., Watching]) -> None:
    photo(photos / "a" / "1.png", "red")
    photo(photos / "b" / "2.png", "blue")
    watched = watching()
    watched.next()
    (photos / "a" / "1.png").unlink()
    watched.until(missing=1)
    assert present(watched.library) == ["2.png"]


def test_what_does_not_concern_photos_starts_no_run(photos: Path, watching: Callable[..., Watching]) -> None:
    photo(photos / "1.png", "red")
    watched = watching()
    watched.next()
    (photos / "notes.txt").write_text("hello")
    photo(photos / ".hidden" / "2.png", "blue")
    photo(photos / "3.png", "lime")
    assert watched.next() == {"added": 1, "unchanged": 1}
    assert watched.reports.empty()


def test_rules_that_change_hold_at_once(photos: Path, watching: Callable[..., Watching]) -> None:
    photo(photos / "private" / "1.png", "red")
    photo(photos / "2.png", "blue")
    watched = watching()
    watched.next()
    (photos / ".bridgelensignore").write_text("private/")
    watched.until(missing=1)
    assert present(watched.library) == ["2.png"]


def test_a_library_inside_the_photos_does_not_watch_itself(
    photos: Path, encoder: Any, tmp_path: Path
) -> None:
    Library.open(photos / "library", create=True).close()
    photo(photos / "1.png", "red")
    watched = Watching([photos], photos / "library", encoder)
    watched.thread.start()
    try:
        assert watched.next() == {"added": 1}
        photo(photos / "2.png", "blue")
        assert watched.next() == {"added": 1, "unchanged": 1}
        assert watched.reports.empty()
    finally:
        watched.end()


def test_others_write_between_runs_and_what_changed_meanwhile_is_kept(
    photos: Path, watching: Callable[..., Watching]
) -> None:
    photo(photos / "1.png", "red")
    watched = watching()
    watched.next()
    with Library.open(watched.library, write=True):
        photo(photos / "2.png", "blue")
        assert watched.locked.wait(PATIENCE)
        assert watched.reports.empty()
    watched.until(added=1)


def test_a_folder_without_photos_yet(photos: Path, watching: Callable[..., Watching]) -> None:
    watched = watching()
    # No run has anything to report, so the first that does is the one of this photo.
    photo(photos / "1.png", "red")
    watched.until(added=1)


def test_a_folder_that_is_not_there(photos: Path, watching: Callable[..., Watching]) -> None:
    watched = watching(photos / "gone")
    watched.thread.join(PATIENCE)
    assert isinstance(watched.error, FolderNotFound)


def test_a_burst_of_a_thousand_files(photos: Path, watching: Callable[..., Watching], encoder: Any) -> None:
    photo(photos / "first.png", "red")
    watched = watching()
    watched.next()
    for number in range(1000):
        folder = photos / f"{number % 20:02}"
        folder.mkdir(exist_ok=True)
        (folder / f"{number:04}.png").write_bytes(one_pixel(number + 1))
    watched.until(added=1000)
    assert encoder.seen == 1001
    assert len(present(watched.library)) == 1001
