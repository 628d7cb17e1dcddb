"""The parts are opened as the settings say."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from indexer.errors import PhotoUnreadable
from storage.errors import LibraryNotFound
from storage.library import Library
from storage.records import ModelRef, PhotoRecord
from ui import compose
from ui.settings import Settings


def test_library_is_opened_where_the_settings_say(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "library", model="mini", device="cpu")
    with pytest.raises(LibraryNotFound, match="bridgelens index"):
        compose.open_library(settings)
    with compose.open_library(settings, create=True, write=True) as library:
        assert library.folder == tmp_path / "library"


def test_load_photo_is_upright_rgb(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    Image.new("L", (40, 20)).save(tmp_path / "a.jpg", exif=exif)
    photo = compose.load_photo(tmp_path / "a.jpg")
    assert (photo.mode, photo.size) == ("RGB", (20, 40))


def test_load_photo_refuses_what_is_no_photo(tmp_path: Path) -> None:
    with pytest.raises(PhotoUnreadable, match=r"none\.jpg"):
        compose.load_photo(tmp_path / "none.jpg")


def test_a_library_is_used_with_its_own_model_unless_one_is_chosen(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "library", model="mini", device="cpu", model_chosen=False)
    with compose.open_library(settings, create=True, write=True) as library:
        assert compose.with_its_model(settings, library) == settings
        library.models.activate(ModelRef("f" * 16, "/models/mine", 4))
        assert compose.with_its_model(settings, library).model == "/models/mine"
        chosen = replace(settings, model_chosen=True)
        assert compose.with_its_model(chosen, library) == chosen


def test_a_small_jpeg_is_decoded_small_and_keeps_its_shape(tmp_path: Path) -> None:
    Image.new("RGB", (1600, 800), "red").save(tmp_path / "large.jpg")
    # A quarter of its size is more than twice the edge; an eighth is less.
    assert compose.load_small(str(tmp_path / "large.jpg"), 150).size == (400, 200)
    assert compose.load_small(str(tmp_path / "large.jpg"), 1500).size == (1600, 800)


@pytest.fixture
def colourful(indexed: object, tmp_path: Path) -> Iterator[Library]:
    """A library of red, green and blue, each a crop of one pixel."""
    with Library.open(tmp_path / "library") as opened:
        yield opened


def record(library: Library, path: Path) -> PhotoRecord:
    found = library.photo_at(str(path))
    assert found is not None
    return found


def test_pixels_are_those_kept_while_indexing_and_the_file_is_not_opened(
    colourful: Library, encoder: Any, photos: Path
) -> None:
    red = record(colourful, photos / "red.png")
    (photos / "red.png").unlink()
    np.testing.assert_array_equal(
        compose.pixels_of(colourful, encoder)(red), np.array([[[255, 0, 0]]], np.uint8)
    )


def test_pixels_that_were_not_kept_are_made_and_kept(colourful: Library, encoder: Any, photos: Path) -> None:
    green = record(colourful, photos / "green.png")
    encoder.fingerprint = "d" * 16  # nothing is kept for this one
    pixels = compose.pixels_of(colourful, encoder)
    np.testing.assert_array_equal(pixels(green), np.array([[[0, 255, 0]]], np.uint8))
    (photos / "green.png").unlink()
    np.testing.assert_array_equal(pixels(green), np.array([[[0, 255, 0]]], np.uint8))


def test_pixels_of_a_file_that_holds_another_photo_are_not_kept_as_the_old_ones(
    colourful: Library, encoder: Any, photos: Path
) -> None:
    encoder.fingerprint = "d" * 16
    blue = record(colourful, photos / "blue.png")
    (photos / "red.png").replace(photos / "blue.png")
    np.testing.assert_array_equal(
        compose.pixels_of(colourful, encoder)(blue), np.array([[[255, 0, 0]]], np.uint8)
    )
    assert colourful.pixels.get(blue.content_hash, encoder.fingerprint) is None


def test_another_copy_stands_in_for_a_file_that_cannot_be_read(
    colourful: Library, encoder: Any, photos: Path
) -> None:
    encoder.fingerprint = "d" * 16
    red = record(colourful, photos / "red.png")
    twice = replace(red, paths=(str(photos / "none.png"), *red.paths))
    assert compose.pixels_of(colourful, encoder)(twice).shape == (1, 1, 3)
    with pytest.raises(PhotoUnreadable, match=r"none\.png"):
        compose.pixels_of(colourful, encoder)(replace(red, paths=twice.paths[:1], content_hash="0"))
    with pytest.raises(PhotoUnreadable, match="no file of it is there"):
        compose.pixels_of(colourful, encoder)(replace(red, paths=(), content_hash="0"))


def test_the_calibration_of_a_checkpoint_is_read_without_loading_it(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    settings = Settings(library=tmp_path / "library", model=str(tmp_path), device="cpu")
    assert compose.calibration_of(settings) is None
    (tmp_path / "bridgelens.json").write_text('{"calibration": {"threshold": 0.5}}', encoding="utf-8")
    assert compose.calibration_of(settings) == {"threshold": 0.5}
