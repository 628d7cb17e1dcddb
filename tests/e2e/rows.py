"""A library of rows, without photo files and without a model that could search it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from storage.library import Library
from storage.records import FileState, ModelRef, NewPhoto, PhotoFacts


def library_of_rows(folder: Path, photos: Mapping[int, PhotoFacts]) -> Path:
    """The library's folder, beside the photos it knows: 7.jpg has the facts of number 7."""
    place = folder / "library"
    vector = np.array([1, 0, 0, 0], np.float32)
    with Library.open(place, create=True, write=True) as library:
        library.add_root(folder)
        library.add(
            ModelRef("0011", "tiny", 4),
            [
                NewPhoto(FileState(f"{folder}/{number}.jpg", 1, 1), facts, vector)
                for number, facts in photos.items()
            ],
        )
    return place
