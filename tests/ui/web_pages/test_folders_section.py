"""The folder that a visitor types."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.errors import IndexerError
from ui.errors import UiError
from ui.web_pages.folders_section import checked_folder


def test_a_folder_is_taken_without_links_and_spaces_around(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert checked_folder(f"  {tmp_path}/link ", []) == str(tmp_path.resolve() / "real")


@pytest.mark.parametrize("typed", ["", "   ", "Pictures", "./x", "--yes"])
def test_only_whole_paths(typed: str) -> None:
    with pytest.raises(UiError, match="expected the whole path of a folder"):
        checked_folder(typed, [])


def test_a_known_folder_is_not_added_twice(tmp_path: Path) -> None:
    with pytest.raises(UiError, match="is in the library already"):
        checked_folder(str(tmp_path), [str(tmp_path.resolve())])


def test_a_folder_that_is_not_there_or_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for name in ("none", "file"):
        with pytest.raises(IndexerError, match=name):
            checked_folder(str(tmp_path / name), [])
