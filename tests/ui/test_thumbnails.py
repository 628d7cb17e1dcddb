"""Thumbnails: upright, the photo's shape, no metadata, and only from under a library's folders."""

import io
from pathlib import Path

import pytest
from PIL import Image

from indexer.errors import PhotoUnreadable
from storage.records import PhotoRecord
from ui.compose import load_photo
from ui.thumbnails import is_under, library_thumbnail, thumbnail

ORIENTATION, MAKE = 0x0112, 0x010F


def record(*paths: Path) -> PhotoRecord:
    return PhotoRecord(1, tuple(map(str, paths)), "00", 10, 10, "JPEG", None, None, None, None)


def opened(picture: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(picture))
    image.load()
    return image


@pytest.fixture
def sideways(tmp_path: Path) -> Path:
    """A 1200 x 600 JPEG, left half red, marked as turned by the camera: upright 600 x 1200, red on top."""
    image = Image.new("RGB", (1200, 600), "blue")
    image.paste("red", (0, 0, 600, 600))
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = 6, "Camera"
    path = tmp_path / "photos" / "sideways.jpg"
    path.parent.mkdir()
    image.save(path, exif=exif)
    return path


def test_thumbnail_is_upright_small_and_bare(sideways: Path) -> None:
    picture = opened(thumbnail(load_photo(sideways)))
    assert (picture.format, picture.size) == ("WEBP", (320, 640))
    assert not picture.getexif()
    assert not {"exif", "icc_profile", "xmp"} & set(picture.info)
    top, bottom = picture.convert("RGB").getpixel((160, 20)), picture.convert("RGB").getpixel((160, 620))
    assert isinstance(top, tuple) and isinstance(bottom, tuple)
    assert top[0] > 200 > 60 > top[2]
    assert bottom[2] > 200 > 60 > bottom[0]


def test_small_photo_is_not_enlarged() -> None:
    assert opened(thumbnail(Image.new("RGB", (40, 30)))).size == (40, 30)


def test_first_file_under_a_root_is_used(sideways: Path) -> None:
    elsewhere = sideways.parent.parent / "elsewhere.jpg"
    sideways.with_name("b.jpg").write_bytes(sideways.read_bytes())
    photo = record(elsewhere, sideways.with_name("b.jpg"))
    assert opened(library_thumbnail(photo, [str(sideways.parent)])).size == (320, 640)


def test_nothing_is_served_from_outside_the_roots(sideways: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with pytest.raises(FileNotFoundError, match="no longer there"):
        library_thumbnail(record(sideways), [str(tmp_path / "other")])


def test_link_out_of_a_root_is_not_followed(sideways: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "link.jpg").symlink_to(sideways)
    with pytest.raises(FileNotFoundError, match="no longer there"):
        library_thumbnail(record(root / "link.jpg"), [str(root)])


def test_damaged_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "bad.jpg").write_bytes(b"not a photo")
    with pytest.raises(PhotoUnreadable):
        library_thumbnail(record(tmp_path / "bad.jpg"), [str(tmp_path)])


def test_is_under(tmp_path: Path) -> None:
    assert is_under(str(tmp_path / "a" / "b.jpg"), str(tmp_path))
    assert not is_under(str(tmp_path / ".." / "b.jpg"), str(tmp_path))
    assert not is_under(str(tmp_path) + "-more/b.jpg", str(tmp_path))
    assert not is_under(str(tmp_path), str(tmp_path))
