from pathlib import Path

import pytest

from storage.errors import LibraryNotFound, LibraryUnwritable
from storage.opening import make_folder, open_database


def test_a_folder_is_made_only_when_asked(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "library"
    with pytest.raises(
        LibraryNotFound, match=r"there is no library in .*/new/library; make one with `bridgelens"
    ):
        make_folder(folder, create=False)
    assert not folder.exists()
    make_folder(folder, create=True)
    assert folder.is_dir()


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").touch()
    with pytest.raises(LibraryNotFound, match=r"is not a library, and holds other things \(holiday\.jpg\)"):
        make_folder(tmp_path, create=True)


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LibraryUnwritable, match=r"cannot make a library in .*/file: File exists"):
        make_folder(tmp_path / "file", create=True)


def test_a_creation_that_was_killed_is_taken_up_again(tmp_path: Path) -> None:
    (tmp_path / "writer.lock").write_text("4711\n")
    make_folder(tmp_path, create=True)
    (tmp_path / "catalog.sqlite").touch()
    with pytest.raises(LibraryNotFound, match="was never finished; make it again"):
        open_database(tmp_path, create=False, write=False)
    open_database(tmp_path, create=True, write=True).close()
    open_database(tmp_path, create=False, write=False).close()
