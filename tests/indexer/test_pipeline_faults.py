"""Files and folders that cannot be read, or change while a run goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest
from PIL import Image

import indexer.reading
from indexer.decode import content_hash
from indexer.errors import FolderUnreadable
from indexer.pipeline import Encoder, index
from indexer.report import Report
from indexer.workers import Workers
from storage.library import Library
from tests.indexer.tiny import DEADLY, Fussy

Save = Callable[..., Path]


class Counting(Encoder, Protocol):
    fingerprint: str
    seen: int


def reasons(report: Report) -> dict[str, str]:
    """Failures by file name, only the first phrase of the reason."""
    return {Path(failure.path).name: failure.reason.split(":")[0] for failure in report.failures}


def test_bad_files_are_reported_and_the_rest_is_indexed(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    save("good.png")
    save("cut.jpg")
    (photos / "cut.jpg").write_bytes((photos / "cut.jpg").read_bytes()[:300])
    (photos / "empty.png").touch()
    (photos / "text.jpg").write_text("hello")
    report = index([photos], library, encoder)
    assert (report.added, report.failed) == (1, 3)
    assert reasons(report) == {"cut.jpg": "truncated", "empty.png": "empty file", "text.jpg": "not an image"}
    assert [failure.path for failure in library.failures()] == [failure.path for failure in report.failures]


def test_an_unchanged_bad_file_is_not_read_again_but_counted(
    photos: Path,
    save: Save,
    library: Library,
    encoder: Counting,
    threads: Workers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save("good.png")
    (photos / "text.jpg").write_text("hello")
    first = index([photos], library, encoder)
    monkeypatch.setattr(indexer.reading, "content_hash", None)  # reading any file would fail from now on
    second = index([photos], library, encoder)
    assert second.failures == first.failures
    assert (second.unchanged, second.failed) == (1, 1)


def test_a_mended_file_is_a_failure_no_longer(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    (photos / "a.png").write_text("hello")
    (photos / "b.png").write_text("hello")
    assert index([photos], library, encoder).failed == 2
    save("a.png")
    (photos / "b.png").unlink()
    report = index([photos], library, encoder)
    assert (report.added, report.failed) == (1, 0)
    assert library.failures() == []


def test_a_known_file_that_goes_bad_is_missing_until_it_is_put_back(
    photos: Path, save: Save, library: Library, encoder: Counting, tmp_path: Path
) -> None:
    path = save("a.png")
    index([photos], library, encoder)
    path.rename(tmp_path / "backup.png")
    path.write_text("hello")
    assert reasons(index([photos], library, encoder)) == {"a.png": "not an image"}
    assert library.present_photo_ids().tolist() == []
    (tmp_path / "backup.png").rename(path)
    report = index([photos], library, encoder)
    assert (report.unchanged, report.failed, encoder.seen) == (1, 0, 1)
    assert library.present_photo_ids().tolist() == [1]
    assert library.failures() == []


def test_a_refused_permission_is_tried_again(
    ordinary_user: Path, encoder: Counting, threads: Workers
) -> None:
    photo = ordinary_user / "photos" / "a.png"
    photo.parent.mkdir()
    Image.new("RGB", (4, 4), "red").save(photo)
    photo.chmod(0)
    with Library.open(ordinary_user / "library", create=True, write=True) as library:
        assert reasons(index([photo.parent], library, encoder, workers=threads)) == {
            "a.png": "permission denied"
        }
        photo.chmod(0o600)  # leaves size and time as they were
        report = index([photo.parent], library, encoder, workers=threads)
        assert (report.added, report.failed) == (1, 0)


def test_a_folder_that_cannot_be_listed_is_a_failure_and_its_files_stay(
    ordinary_user: Path, encoder: Counting, threads: Workers
) -> None:
    closed = ordinary_user / "photos" / "closed"
    closed.mkdir(parents=True)
    Image.new("RGB", (4, 4), "red").save(closed / "a.png")
    Image.new("RGB", (4, 4), "blue").save(closed.parent / "b.png")
    with Library.open(ordinary_user / "library", create=True, write=True) as library:
        index([closed.parent], library, encoder, workers=threads)
        closed.chmod(0)
        report = index([closed.parent], library, encoder, workers=threads)
        assert [(each.path, each.reason) for each in report.failures] == [
            (str(closed), "cannot be listed: Permission denied")
        ]
        assert (report.missing, report.unchanged) == (0, 1)
        assert library.present_photo_ids().tolist() == [1, 2]
        closed.chmod(0o700)
        report = index([closed.parent], library, encoder, workers=threads)
        assert (report.failed, report.unchanged, library.failures()) == (0, 2, [])
        closed.parent.chmod(0)
        with pytest.raises(FolderUnreadable, match="Permission denied"):
            index([closed.parent], library, encoder, workers=threads)
        closed.parent.chmod(0o700)


def change_after_hashing(monkeypatch: pytest.MonkeyPatch, path: Path, change: Callable[[], object]) -> None:
    """Let the file be hashed, change it, and only then let it be decoded."""

    def hash_then_change(each: str) -> str:
        found = content_hash(each)
        if each == str(path):
            change()
        return found

    monkeypatch.setattr(indexer.reading, "content_hash", hash_then_change)


def test_a_file_deleted_between_scan_and_decode(
    photos: Path,
    save: Save,
    library: Library,
    encoder: Counting,
    threads: Workers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save("a.png", "red")
    path = save("b.png", "blue")
    change_after_hashing(monkeypatch, path, path.unlink)
    report = index([photos], library, encoder, workers=threads)
    assert (report.added, reasons(report)) == (1, {"b.png": "vanished"})
    assert index([photos], library, encoder, workers=threads).failed == 0


def test_a_file_replaced_between_scan_and_decode_is_stored_as_it_is_now(
    photos: Path,
    save: Save,
    library: Library,
    encoder: Counting,
    threads: Workers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = save("a.png", "red", size=(8, 8))
    change_after_hashing(monkeypatch, path, lambda: save("a.png", "blue", size=(20, 20)))
    index([photos], library, encoder, workers=threads)
    monkeypatch.undo()
    photo = library.photos([1])[1]
    assert (photo.content_hash, photo.width) == (content_hash(path), 20)
    assert index([photos], library, encoder, workers=threads).unchanged == 1


def test_a_known_content_replaced_before_it_is_read_is_embedded(
    photos: Path,
    save: Save,
    library: Library,
    encoder: Counting,
    threads: Workers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save("a.png", "red")
    index([photos], library, encoder, workers=threads)
    path = save("copy.png", "red")
    change_after_hashing(monkeypatch, path, lambda: save("copy.png", "blue"))
    report = index([photos], library, encoder, workers=threads)
    assert (report.added, report.copies, encoder.seen) == (1, 0, 2)


def test_a_photo_the_preprocessor_cannot_take_is_one_failure(
    photos: Path, save: Save, library: Library, encoder: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    save("narrow.png", size=DEADLY)
    save("square.png", "blue", size=(8, 8))
    monkeypatch.setattr(encoder, "preprocessor", Fussy())
    report = index([photos], library, encoder)
    assert [failure.reason for failure in report.failures] == [
        "cannot be prepared for the model: no pixels left"
    ]
    assert report.added == 1
    monkeypatch.undo()
    assert index([photos], library, encoder).added == 1  # not the file's fault, so tried again
