"""What is said of a photo whose folder, or file, is not there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from storage.library import Library
from ui.away_words import away, in_its_place, what_is_the_matter


def test_an_empty_folder_is_called_empty_and_another_folder_away_matters_not(
    indexed: Callable[..., Any], photos: Path, tmp_path: Path
) -> None:
    other = tmp_path / "photos of others"
    with Library.open(tmp_path / "library", write=True) as library:
        library.add_root(other)
        photo = library.photo_at(str(photos / "red.png"))
        assert photo is not None
        assert in_its_place("damaged", photo, library) == "damaged: look for changes on the Library page"
        assert what_is_the_matter(photo, library) == (
            "It has changed since it was indexed. Look for changes on the Library page."
        )
        for file in photos.iterdir():
            file.unlink()
        assert away(str(photos)) == f"{photos} is not there or empty"
        assert in_its_place("damaged", photo, library) == f"{photos} is not there or empty: plug in its disk"
        assert what_is_the_matter(photo, library) == (
            f"{photos} is not there or empty: plug in its disk, then reload this page."
        )
