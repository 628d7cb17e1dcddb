from __future__ import annotations

import pytest

from indexer.errors import FolderNotFound, FolderUnreadable, IndexerError, NoPhotos, PhotoUnreadable


@pytest.mark.parametrize(
    "error",
    [FolderNotFound("/p"), FolderUnreadable("/p", "Permission denied"), NoPhotos(("/p",), (".jpg",))],
)
def test_a_folder_error_names_the_folder_and_the_next_command(error: IndexerError) -> None:
    assert "/p" in str(error)
    assert "`bridgelens index" in str(error)


def test_an_unreadable_photo_keeps_its_reason_apart() -> None:
    error = PhotoUnreadable("/p/a.jpg", "empty file: 0 bytes")
    assert (error.path, error.reason, error.lasting) == ("/p/a.jpg", "empty file: 0 bytes", True)
    assert str(error) == "/p/a.jpg: empty file: 0 bytes"
