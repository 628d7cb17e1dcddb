"""Photos read once more: the first file that can be read, and that still is what was indexed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer.crops import read_crops
from indexer.reading import Crop
from indexer.workers import Workers
from storage.records import Failure, FileState
from tests.indexer.tiny import DEADLY, Deadly, Quarters


def photo(path: Path, colour: str, size: tuple[int, int] = (4, 4)) -> FileState:
    Image.new("RGB", size, colour).save(path)
    found = os.stat(path)
    return FileState(str(path), found.st_size, found.st_mtime_ns)


def read(
    photos: Sequence[tuple[int, list[FileState]]], workers: Workers, preprocessor: Quarters | None = None
) -> list[tuple[int, Crop | Failure]]:
    return list(read_crops(photos, preprocessor or Quarters(), workers, ahead=2))


def test_photos_come_in_order_with_their_crops(tmp_path: Path, workers: Workers) -> None:
    files = [
        photo(tmp_path / f"{number}.png", colour) for number, colour in enumerate(("red", "lime", "blue"))
    ]
    found = read([(number, [file]) for number, file in enumerate(files, 7)], workers)
    assert [photo_id for photo_id, _ in found] == [7, 8, 9]
    for (_, crop), colour in zip(found, ((255, 0, 0), (0, 255, 0), (0, 0, 255)), strict=True):
        assert isinstance(crop, np.ndarray)
        assert crop.tolist() == [[list(colour)] * 2] * 2


def test_where_one_file_cannot_be_read_a_copy_is(tmp_path: Path, workers: Workers) -> None:
    good = photo(tmp_path / "good.png", "red")
    gone = replace(good, path=str(tmp_path / "gone.png"))
    [(_, crop), (photo_id, failure)] = read([(1, [gone, good]), (2, [gone])], workers)
    assert isinstance(crop, np.ndarray)
    assert (photo_id, isinstance(failure, Failure) and failure.path) == (2, gone.path)


def test_a_file_that_has_changed_is_perhaps_another_photo(tmp_path: Path, workers: Workers) -> None:
    file = photo(tmp_path / "a.png", "red")
    [(_, failure)] = read([(1, [replace(file, mtime_ns=file.mtime_ns - 1)])], workers)
    assert isinstance(failure, Failure)
    assert failure.reason == "changed since it was indexed"


@pytest.mark.slow
def test_a_decoder_that_dies_costs_one_photo(tmp_path: Path, workers: Workers) -> None:
    deadly, good = photo(tmp_path / "deadly.png", "red", DEADLY), photo(tmp_path / "good.png", "blue")
    [(first, failure), (second, crop)] = read([(1, [deadly]), (2, [good])], workers, Deadly())
    assert (first, second) == (1, 2)
    assert isinstance(failure, Failure)
    assert "SIGKILL" in failure.reason
    assert isinstance(crop, np.ndarray)
