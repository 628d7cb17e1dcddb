"""The parts are opened as the settings say."""

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from indexer.errors import PhotoUnreadable
from storage.errors import LibraryNotFound
from storage.records import ModelRef
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
