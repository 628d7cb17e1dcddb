"""Captions and photos of a split: which caption describes which photo, and the pixels kept on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.photos import load_split, read_captions


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A split `dev` of a red photo, wide, and a blue one, tall."""
    folder = tmp_path / "data"
    (folder / "dev").mkdir(parents=True)
    Image.new("RGB", (320, 100), (255, 0, 0)).save(folder / "dev" / "red.png")
    Image.new("RGB", (30, 40), (0, 0, 255)).save(folder / "dev" / "blue.png")
    rows = ["image,caption", "red.png, all red ", 'blue.png,"blue, and nothing else"', "blue.png,a blue wall"]
    (folder / "dev.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def test_captions_name_the_row_of_their_photo(data: Path) -> None:
    names, captions, photo_of_caption = read_captions(data / "dev.csv")
    assert names == ["red.png", "blue.png"]
    assert captions == ["all red", "blue, and nothing else", "a blue wall"]
    assert photo_of_caption.tolist() == [0, 1, 1]


def test_captions_of_one_photo_come_together(tmp_path: Path) -> None:
    csv = tmp_path / "mixed.csv"
    csv.write_text("image,caption\na,first\nb,second\na,third\n", encoding="utf-8")
    names, captions, photo_of_caption = read_captions(csv)
    assert names == ["a", "b"]
    assert captions == ["first", "third", "second"]
    assert photo_of_caption.tolist() == [0, 0, 1]


def test_photos_become_squares_of_224(data: Path, tmp_path: Path) -> None:
    photos = load_split(data, "dev", tmp_path)
    assert photos.pixels.shape == (2, 224, 224, 3)
    assert photos.pixels.dtype == np.uint8
    assert (photos.pixels[0] == (255, 0, 0)).all()
    assert (photos.pixels[1] == (0, 0, 255)).all()


def test_photos_are_decoded_once(data: Path, tmp_path: Path) -> None:
    first = load_split(data, "dev", tmp_path)
    for photo in (data / "dev").iterdir():
        photo.unlink()
    assert np.array_equal(load_split(data, "dev", tmp_path).pixels, first.pixels)
    assert [path.name for path in tmp_path.glob("*.npy")] == ["dev_pixels.npy"]
