"""Every field of a filter on one small library, which `described` in conftest.py lists."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from storage.filters import Box, Filter, Near
from storage.library import Library
from storage.records import Description, FileState, ModelRef, NewPhoto, PhotoFacts

FIJI_WEST = Near(-18.14, -179.9, 200)


def ids(library: Library, **fields: Any) -> list[int]:
    return [int(photo_id) for photo_id in library.photo_ids_where(Filter(**fields))]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, [1, 2, 3, 4, 6]),
        ({"folders": ("/photos",)}, [1, 2, 3, 4, 6]),
        ({"folders": ("/photos/2023",)}, [1, 2, 4]),  # 6 is missing there
        ({"folders": ("/photos/2023/",)}, [1, 2, 4]),
        ({"folders": ("/disk", "/photos/2024")}, [1, 3, 6]),
        ({"folders": ("/",)}, [1, 2, 3, 4, 6]),
        ({"folders": ("/photos/20",)}, []),
        ({"folders": ("/photos/2023/a_b",)}, [2]),  # _ stands for itself alone
        ({"folders": ("/photos/2023/%",)}, []),
        ({"folders": ("/elsewhere",)}, []),
        ({"taken_from": date(2023, 6, 1)}, [2, 3]),
        ({"taken_to": date(2023, 5, 31)}, [1, 6]),
        ({"taken_from": date(2023, 5, 31), "taken_to": date(2023, 5, 31)}, [1]),  # by its clock, not in UTC
        ({"taken_from": date(2023, 5, 31), "taken_to": date(2023, 6, 1)}, [1, 2]),
        ({"taken_to": date.max}, [1, 2, 3, 6]),
        ({"cameras": ("r5",)}, [1, 2]),
        ({"cameras": ("mark ii", "PIXEL")}, [2, 3, 6]),
        ({"cameras": ("nikon",)}, []),
        ({"places": ("rome",)}, [1]),
        ({"places": ("lazio", "fj")}, [1, 3]),
        ({"places": ("ile-de-france",)}, [2]),
        ({"places": ("atlantis",)}, []),
        ({"near": Near(41.9, 12.5, 1)}, [1]),
        ({"near": Near(45, 8, 800)}, [1, 2]),
        ({"near": FIJI_WEST}, [3]),  # over the date line, 175 km
        ({"near": Near(-18.14, -179.9, 170)}, []),
        # In the box around the circle, of which the corner is no part.
        ({"near": Near(41.0, 11.5, 125)}, []),
        ({"near": Near(90, 0, 4600)}, [2]),  # Paris is 4,574 km from the pole, Rome 5,348
        ({"box": Box(41.9, 12.5, 41.9, 12.5)}, [1]),  # its edges are part of it
        ({"box": Box(40, 0, 50, 12.4)}, [2]),
        ({"box": Box(-20, 170, 50, 13)}, [1, 2, 3]),  # over the date line
        ({"box": Box(-20, -170, 0, 170)}, []),
        ({"rating": 2}, [1, 2]),
        ({"rating": 3}, [1]),  # what the sidecar of 2 says counts, not the file's own 5 stars
        ({"rating": 5}, []),
        ({"kinds": ("photo",)}, [1, 4, 6]),
        ({"kinds": ("raw",)}, [2]),
        ({"kinds": ("video", "raw")}, [2, 3]),
        ({"copies": True}, [1]),  # one of the two files of 6 is missing
        ({"folders": ("/photos/2023",), "cameras": ("r5",), "kinds": ("photo",)}, [1]),
        ({"folders": ("/disk",), "copies": True}, [1]),
    ],
)
def test_what_is_left(described: Library, fields: dict[str, Any], found: list[int]) -> None:
    assert ids(described, **fields) == found


def test_ids_are_as_a_search_takes_them(described: Library) -> None:
    left = described.photo_ids_where(Filter(cameras=("r5",)))
    assert left.dtype == np.dtype(np.int64)
    assert left.shape == (2,)
    assert described.photo_ids_where(Filter()).tolist() == described.present_photo_ids().tolist()


def test_a_file_that_goes_is_found_no_more(described: Library) -> None:
    described.mark_missing(["/photos/2023/rome.jpg"])
    assert ids(described, folders=("/photos/2023",)) == [2, 4]
    assert ids(described, copies=True) == []
    assert ids(described, places=("rome",)) == [1]
    described.mark_missing(["/disk/rome.jpg"])
    assert ids(described, places=("rome",)) == []


def test_the_rating_is_the_one_that_a_record_shows(library: Library, model: ModelRef) -> None:
    library.add_root(Path("/photos/in"))
    vector = np.array([1, 0, 0, 0], dtype=np.float32)

    def file(path: str, rating: int | None) -> NewPhoto:
        facts = PhotoFacts("h", 40, 30, "JPEG", description=Description(rating=1))
        return NewPhoto(FileState(path, 1, 1), facts, vector, sidecar=Description(rating=rating))

    # By path: in-a, in/b, z; the first lies in another root than the second.
    library.add(model, [file("/photos/z", 5), file("/photos/in/b", 4), file("/photos/in-a", 3)])
    for gone, rating in (("/photos/in-a", 3), ("/photos/in/b", 4)):
        assert library.photos([1])[1].rating == rating
        assert (ids(library, rating=rating), ids(library, rating=rating + 1)) == ([1], [])
        library.mark_missing([gone])
    assert ids(library, rating=5) == [1]


def test_a_folder_whose_name_is_no_text(
    library: Library, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    odd = os.fsdecode(b"/photos/caf\xe9")
    library.add(
        model, [photo(f"{odd}/1.jpg", "h1", [1, 0, 0, 0]), photo("/photos/2.jpg", "h2", [0, 1, 0, 0])]
    )
    assert ids(library, folders=(odd,)) == [1]


def test_newest_first_and_the_undated_last(described: Library) -> None:
    assert described.newest(Filter()) == [3, 2, 1, 6, 4]
    assert described.newest(Filter(), 2) == [3, 2]
    assert described.newest(Filter(), 2, skip=3) == [6, 4]
    assert described.newest(Filter(), skip=4) == [4]
    assert described.newest(Filter(), 2, skip=5) == []
    assert described.newest(Filter(cameras=("canon",))) == [2, 1]
    assert described.newest(Filter(cameras=("canon",)), 1, skip=1) == [1]
