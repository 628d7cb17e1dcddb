from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from indexer.presence import SILENCES, Presence
from indexer.reading import Unread
from storage.records import Failure, FileState


def unread(path: Path, reason: str, *, lasting: bool = False) -> Unread:
    return Unread(Failure(str(path), reason, datetime.now(UTC), 0, 0), lasting)


def test_a_vanished_file_of_a_folder_with_others_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "b.jpg").touch()
    presence = Presence([str(tmp_path)])
    assert not presence.explains(unread(tmp_path / "a.jpg", "vanished: it was listed, but gone"))
    assert presence.gone == set()


def test_a_folder_that_is_empty_or_gone_explains_its_files(tmp_path: Path) -> None:
    there, empty, gone = tmp_path / "there", tmp_path / "empty", tmp_path / "gone"
    empty.mkdir()
    there.mkdir()
    (there / "c.jpg").touch()
    presence = Presence([str(there), str(empty), str(gone)])
    assert presence.explains(unread(empty / "a.jpg", "vanished: it was listed, but gone"))
    assert presence.explains(unread(gone / "in" / "b.jpg", "cannot be read: Stale file handle"))
    assert presence.gone == {str(empty), str(gone)}
    files = [FileState(str(folder / "x.jpg"), 1, 1) for folder in (empty, there, gone)]
    assert list(presence.files(files)) == [files[1]]
    assert presence.skipped == 2


def test_a_damaged_file_is_a_failure_even_when_its_folder_has_gone(tmp_path: Path) -> None:
    presence = Presence([str(tmp_path)])
    assert not presence.explains(unread(tmp_path / "a.jpg", "truncated: 10 bytes", lasting=True))


def test_a_folder_without_answers_is_given_up_after_a_few_files(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    presence = Presence([str(tmp_path)])
    silent = unread(tmp_path / "a.jpg", "no answer within 60 s")
    for _ in range(SILENCES):
        assert presence.gone == set()
        assert not presence.explains(silent)  # perhaps it is the file that hangs: it stays a failure
    assert presence.gone == {str(tmp_path)}


def test_a_file_that_was_read_between_says_that_the_folder_is_there(tmp_path: Path) -> None:
    presence = Presence([str(tmp_path)])
    for _ in range(10):
        presence.explains(unread(tmp_path / "a.jpg", "no answer within 60 s"))
        presence.answered(str(tmp_path / "b.jpg"))
    assert presence.gone == set()
