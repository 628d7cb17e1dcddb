"""A second run: what is skipped, changed, moved, copied or gone, and how often the model is asked."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest
from PIL import Image

from indexer.errors import FolderNotFound
from indexer.pipeline import Encoder, index
from indexer.report import Progress, Report
from indexer.workers import Workers
from storage.library import Library

Save = Callable[..., Path]


class Counting(Encoder, Protocol):
    fingerprint: str
    seen: int


def counts(report: Report) -> dict[str, int]:
    """The counts that are not nought."""
    names = ("added", "changed", "unchanged", "moved", "copies", "failed", "missing", "embedded")
    return {name: getattr(report, name) for name in names if getattr(report, name)}


def present(library: Library, folder: Path) -> list[list[str]]:
    """The present files of every photo, relative to the folder."""
    photos = library.photos(library.present_photo_ids().tolist()).values()
    return sorted([os.path.relpath(path, folder) for path in photo.paths] for photo in photos)


def test_unchanged_files_are_not_opened(
    ordinary_user: Path, encoder: Counting, threads: Workers, tmp_path_factory: pytest.TempPathFactory
) -> None:
    photo = ordinary_user / "photos" / "a.png"
    photo.parent.mkdir()
    Image.new("RGB", (4, 4), "red").save(photo)
    with Library.open(ordinary_user / "library", create=True, write=True) as library:
        assert counts(index([photo.parent], library, encoder, workers=threads)) == {"added": 1, "embedded": 1}
        photo.chmod(0)  # from now on opening it would fail
        assert counts(index([photo.parent], library, encoder, workers=threads)) == {"unchanged": 1}


def test_a_touched_file_is_read_but_not_embedded(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    path = save("a.png")
    index([photos], library, encoder)
    os.utime(path, ns=(1, 1))
    assert counts(index([photos], library, encoder)) == {"unchanged": 1}
    assert library.known_files(str(photos))[str(path)].mtime_ns == 1
    assert encoder.seen == 1


def test_a_file_with_other_content_is_changed(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    save("a.png", "red")
    index([photos], library, encoder)
    save("a.png", "blue", size=(30, 30))
    assert counts(index([photos], library, encoder)) == {"changed": 1, "embedded": 1}
    assert present(library, photos) == [["a.png"]]


def test_moved_and_renamed_files_keep_their_embedding(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    save("a.png", "red")
    save("old/b.png", "blue")
    index([photos], library, encoder)
    (photos / "a.png").rename(photos / "z.png")
    (photos / "old").rename(photos / "new")
    assert counts(index([photos], library, encoder)) == {"moved": 2}
    assert present(library, photos) == [["new/b.png"], ["z.png"]]
    # Their rows went along: nothing is left of the old places.
    assert sorted(library.known_files(str(photos))) == [str(photos / "new" / "b.png"), str(photos / "z.png")]
    assert library.status().missing_files == 0
    assert encoder.seen == 2
    assert counts(index([photos], library, encoder)) == {"unchanged": 2}


def test_a_photo_that_swaps_names_with_another_is_two_changed_files(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    save("a.png", "red", size=(4, 4))
    save("b.png", "blue", size=(99, 99))
    index([photos], library, encoder)
    (photos / "a.png").rename(photos / "c.png")
    (photos / "b.png").rename(photos / "a.png")
    (photos / "c.png").rename(photos / "b.png")
    assert counts(index([photos], library, encoder)) == {"changed": 2}
    assert present(library, photos) == [["a.png"], ["b.png"]]
    assert encoder.seen == 2


def test_moved_into_a_place_that_is_taken_the_file_there_goes_on(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    save("a.png", "red", size=(4, 4))
    save("b.png", "blue", size=(99, 99))
    index([photos], library, encoder)
    (photos / "a.png").rename(photos / "b.png")
    assert counts(index([photos], library, encoder)) == {"changed": 1, "missing": 1}
    assert present(library, photos) == [["b.png"]]
    assert counts(index([photos], library, encoder)) == {"unchanged": 1}


def test_a_run_that_is_stopped_after_the_scan_keeps_a_moved_photo_for_the_next(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    for name, colour in (("a", "red"), ("b", "blue"), ("c", "green")):
        save(f"{name}.png", colour)
    index([photos], library, encoder)
    for name in "abc":
        (photos / f"{name}.png").rename(photos / f"{name}{name}.png")
    stop = threading.Event()

    def stop_after_the_first(progress: Progress) -> None:
        if progress.done == 1:
            stop.set()

    report = index([photos], library, encoder, batch_size=1, stop=stop, on_progress=stop_after_the_first)
    # The second was in hand.
    assert (counts(report), report.interrupted) == ({"moved": 2, "missing": 1}, True)
    assert counts(index([photos], library, encoder)) == {"moved": 1, "unchanged": 2}
    assert (present(library, photos), encoder.seen) == ([["aa.png"], ["bb.png"], ["cc.png"]], 3)


def test_copies_are_two_files_of_one_photo(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    path = save("a.png")
    shutil.copy(path, photos / "b.png")
    assert counts(index([photos], library, encoder)) == {"added": 1, "copies": 1, "embedded": 1}
    shutil.copy(path, photos / "c.png")
    assert counts(index([photos], library, encoder)) == {"copies": 1, "unchanged": 2}
    assert present(library, photos) == [["a.png", "b.png", "c.png"]]


def test_of_two_new_files_for_one_that_went_one_is_moved_and_one_a_copy(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    path = save("a.png")
    index([photos], library, encoder)
    shutil.copy(path, photos / "b.png")
    path.rename(photos / "c.png")
    assert counts(index([photos], library, encoder)) == {"moved": 1, "copies": 1}


def test_copies_a_batch_apart_are_embedded_once(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    for name in ("a.png", "c.png"):
        save(name, "red")
    save("b.png", "blue")
    report = index([photos], library, encoder, batch_size=1)
    assert counts(report) == {"added": 2, "copies": 1, "embedded": 2}


def test_a_deleted_file_is_missing_and_comes_back_at_no_cost(
    photos: Path, save: Save, library: Library, encoder: Counting, tmp_path: Path
) -> None:
    save("a.png", "red")
    path = save("b.png", "blue")
    index([photos], library, encoder)
    path.rename(tmp_path / "away.png")
    assert counts(index([photos], library, encoder)) == {"missing": 1, "unchanged": 1}
    assert present(library, photos) == [["a.png"]]
    assert counts(index([photos], library, encoder)) == {"unchanged": 1}
    (tmp_path / "away.png").rename(path)
    assert counts(index([photos], library, encoder)) == {"unchanged": 2}
    assert present(library, photos) == [["a.png"], ["b.png"]]
    path.rename(tmp_path / "away.png")
    index([photos], library, encoder)
    (tmp_path / "away.png").rename(photos / "c.png")
    assert counts(index([photos], library, encoder)) == {"moved": 1, "unchanged": 1}
    assert encoder.seen == 2


def test_an_empty_root_is_offline_not_deleted(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    save("disk/a.png", "red")
    save("home/b.png", "blue")
    roots = [photos / "disk", photos / "home"]
    index(roots, library, encoder)
    (photos / "disk").rename(photos / "unplugged")
    (photos / "disk").mkdir()
    report = index(roots, library, encoder)
    assert report.offline == (str(photos / "disk"),)
    assert counts(report) == {"unchanged": 1}
    assert present(library, photos) == [["disk/a.png"], ["home/b.png"]]


def test_a_root_that_is_not_there_is_offline_and_the_others_are_indexed(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    save("disk/a.png", "red")
    save("home/b.png", "blue")
    roots = [photos / "disk", photos / "home"]
    index(roots, library, encoder)
    (photos / "disk").rename(photos / "unplugged")
    save("home/c.png", "lime")
    report = index(roots, library, encoder)
    assert (report.offline, counts(report)) == (
        (str(photos / "disk"),),
        {"added": 1, "unchanged": 1, "embedded": 1},
    )
    assert present(library, photos) == [["disk/a.png"], ["home/b.png"], ["home/c.png"]]
    with pytest.raises(FolderNotFound, match="disk"):
        index([photos / "disk"], library, encoder)
    (photos / "unplugged").rename(photos / "disk")
    assert counts(index(roots, library, encoder)) == {"unchanged": 3}


def test_what_a_user_excludes_is_missing_until_it_is_taken_in_again(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    save("private/a.png", "red")
    save("b.png", "blue")
    index([photos], library, encoder)
    (photos / ".bridgelensignore").write_text("private/")
    assert counts(index([photos], library, encoder)) == {"missing": 1, "unchanged": 1}
    assert present(library, photos) == [["b.png"]]
    (photos / ".bridgelensignore").write_text("*")  # all of it, which is not an unplugged disk
    report = index([photos], library, encoder)
    assert (counts(report), report.offline, present(library, photos)) == ({"missing": 1}, (), [])
    (photos / ".bridgelensignore").unlink()
    assert counts(index([photos], library, encoder)) == {"unchanged": 2}
    assert encoder.seen == 2
