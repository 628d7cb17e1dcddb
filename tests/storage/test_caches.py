"""The caches of a library: closed with it, pruned with it, and never needed by it."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from storage.backup import back_up
from storage.library import Library
from storage.pruning import Selection
from storage.records import ModelRef, NewPhoto
from storage.restore import restore

CROP = np.full((2, 2, 3), 7, np.uint8)
Photo = Callable[..., NewPhoto]


def test_pruning_lets_go_of_what_was_kept_of_the_photo(
    library: Library, model: ModelRef, photo: Photo
) -> None:
    library.add(
        model, [photo("/photos/a.jpg", "ha", [1, 0, 0, 0]), photo("/photos/b.jpg", "hb", [0, 1, 0, 0])]
    )
    for name in ("ha", "hb"):
        library.thumbnails.put(name, b"jpeg")
        library.pixels.put(name, model.fingerprint, CROP)
    library.mark_missing(["/photos/a.jpg"], datetime(2024, 1, 1, tzinfo=UTC))
    library.prune(Selection())
    assert (library.thumbnails.get("ha"), library.thumbnails.get("hb")) == (None, b"jpeg")
    assert library.pixels.get("ha", model.fingerprint) is None
    np.testing.assert_array_equal(library.pixels.get("hb", model.fingerprint), CROP)


def test_status_counts_them_apart(library: Library, model: ModelRef) -> None:
    assert (library.status().thumbnail_bytes, library.status().pixel_bytes) == (0, 0)
    library.thumbnails.put("ha", b"jpeg")
    status = library.status()
    files = [path.stat().st_size for path in library.folder.glob("thumbnails.sqlite*")]
    assert (status.thumbnail_bytes, status.pixel_bytes) == (sum(files), 0)


def test_a_size_of_zero_deletes_the_pixels_of_before(filled: Path, model: ModelRef) -> None:
    with Library.open(filled, write=True) as opened:
        opened.pixels.put("h1", model.fingerprint, CROP)
    with Library.open(filled, pixel_bytes=0):
        assert (filled / "pixels.sqlite").exists()  # one that only reads deletes nothing
    with Library.open(filled, write=True, pixel_bytes=0) as opened:
        opened.pixels.put("h1", model.fingerprint, CROP)
        assert list(filled.glob("pixels.sqlite*")) == []


def test_a_backup_leaves_them_out_and_a_restore_finds_them(
    filled: Path, model: ModelRef, tmp_path: Path
) -> None:
    with Library.open(filled) as opened:  # one opened for reading keeps things too
        opened.thumbnails.put("h1", b"jpeg" * 100_000)
    done = back_up(filled, tmp_path / "backup.sqlite")
    assert done.size_bytes < 400_000
    restore(tmp_path / "new", tmp_path / "backup.sqlite")
    with Library.open(tmp_path / "new") as opened:
        assert opened.thumbnails.get("h1") is None
    (filled / "catalog.sqlite").unlink()  # the catalog is lost, and what lies beside it is no stranger's
    for path in filled.glob("index-*"):
        path.unlink()
    restore(filled, tmp_path / "backup.sqlite")
    with Library.open(filled) as opened:
        assert opened.thumbnails.get("h1") == b"jpeg" * 100_000


def test_a_library_that_cannot_be_written_to_gives_what_it_has(
    filled: Path, unwritable: Callable[[Path], Path]
) -> None:
    with Library.open(filled) as opened:
        opened.thumbnails.put("h1", b"jpeg")
    place = unwritable(filled)
    with Library.open(place) as opened:
        assert opened.thumbnails.get("h1") == b"jpeg"
        opened.thumbnails.put("h2", b"jpeg")
        assert (opened.thumbnails.get("h2"), opened.thumbnails.lacking(["h2"])) == (None, set())


def test_deleting_them_loses_nothing(filled: Path) -> None:
    with Library.open(filled) as opened:
        opened.thumbnails.put("h1", b"jpeg")
    for path in filled.glob("thumbnails.sqlite*"):
        path.unlink()
    with Library.open(filled) as opened:
        assert opened.thumbnails.get("h1") is None
        assert opened.status().photos == 3


def test_copied_folder_keeps_them(filled: Path, tmp_path: Path) -> None:
    with Library.open(filled) as opened:
        opened.thumbnails.put("h1", b"jpeg")
    shutil.copytree(filled, tmp_path / "copy")
    with Library.open(tmp_path / "copy") as opened:
        assert opened.thumbnails.get("h1") == b"jpeg"
