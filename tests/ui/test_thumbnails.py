"""A page's thumbnails: those that were kept, else of a file under one of the library's folders, then kept."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from indexer.decode import content_hash
from indexer.errors import PhotoUnreadable
from storage.library import Library
from storage.records import PhotoRecord
from ui.thumbnails import is_under, large_copy, library_thumbnail, paths_to_show

ORIENTATION, MAKE = 0x0112, 0x010F


def record(*paths: Path) -> PhotoRecord:
    return PhotoRecord(1, tuple(map(str, paths)), "00", 10, 10, "JPEG", None, None, None, None)


def opened(picture: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(picture))
    image.load()
    return image


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """A library of tmp_path/photos."""
    (tmp_path / "photos").mkdir()
    with Library.open(tmp_path / "library", create=True, write=True) as made:
        made.add_root(tmp_path / "photos")
        yield made


@pytest.fixture
def sideways(tmp_path: Path, library: Library) -> Path:
    """A 1200 x 600 JPEG, left half red, marked as turned by the camera: upright 600 x 1200, red on top."""
    image = Image.new("RGB", (1200, 600), "blue")
    image.paste("red", (0, 0, 600, 600))
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = 6, "Camera"
    path = tmp_path / "photos" / "sideways.jpg"
    image.save(path, exif=exif)
    return path


def test_thumbnail_is_upright_small_and_bare(sideways: Path, library: Library) -> None:
    picture = opened(library_thumbnail(record(sideways), library))
    assert (picture.format, picture.size) == ("JPEG", (320, 640))
    assert not picture.getexif()
    top, bottom = picture.getpixel((160, 20)), picture.getpixel((160, 620))
    assert isinstance(top, tuple) and isinstance(bottom, tuple)
    assert top[0] > 200 > 60 > top[2]
    assert bottom[2] > 200 > 60 > bottom[0]


def test_what_is_kept_is_shown_without_the_file(tmp_path: Path, library: Library) -> None:
    library.thumbnails.put("00", b"kept")
    assert library_thumbnail(record(tmp_path / "photos" / "unplugged.jpg"), library) == b"kept"


def test_what_was_made_is_kept_as_what_the_file_holds(sideways: Path, library: Library) -> None:
    made = library_thumbnail(record(sideways), library)
    assert library.thumbnails.get("00") is None  # the record's own content is another one
    with Library.open(library.folder) as reading:
        assert reading.thumbnails.get(content_hash(sideways)) == made


def test_first_file_under_a_root_that_can_be_read_is_used(sideways: Path, library: Library) -> None:
    elsewhere = sideways.parent.parent / "elsewhere.jpg"
    sideways.with_name("b.jpg").write_bytes(sideways.read_bytes())
    photo = record(elsewhere, sideways.with_name("gone.jpg"), sideways.with_name("b.jpg"))
    assert opened(library_thumbnail(photo, library)).size == (320, 640)


def test_nothing_is_served_from_outside_the_roots(sideways: Path, tmp_path: Path, library: Library) -> None:
    outside = sideways.rename(tmp_path / "outside.jpg")
    with pytest.raises(FileNotFoundError, match="no longer there"):
        library_thumbnail(record(outside), library)


def test_link_out_of_a_root_is_not_followed(sideways: Path, tmp_path: Path, library: Library) -> None:
    outside = sideways.rename(tmp_path / "outside.jpg")
    sideways.symlink_to(outside)
    with pytest.raises(FileNotFoundError, match="no longer there"):
        library_thumbnail(record(sideways), library)


def test_damaged_file_says_so(tmp_path: Path, library: Library) -> None:
    (tmp_path / "photos" / "bad.jpg").write_bytes(b"not a photo")
    with pytest.raises(PhotoUnreadable):
        library_thumbnail(record(tmp_path / "photos" / "bad.jpg"), library)


def test_is_under(tmp_path: Path) -> None:
    assert is_under(str(tmp_path / "a" / "b.jpg"), str(tmp_path))
    assert not is_under(str(tmp_path / ".." / "b.jpg"), str(tmp_path))
    assert not is_under(str(tmp_path) + "-more/b.jpg", str(tmp_path))
    assert not is_under(str(tmp_path), str(tmp_path))


def test_a_large_copy_is_bare_upright_and_bounded(tmp_path: Path, library: Library) -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = 6, "Camera"
    path = tmp_path / "photos" / "large.jpg"
    Image.new("RGB", (2400, 1200), "red").save(path, exif=exif)
    large = opened(large_copy(record(path), library))
    assert large.size == (800, 1600)
    assert not large.getexif()


def test_a_large_copy_is_of_files_under_the_roots_alone(tmp_path: Path, library: Library) -> None:
    path = tmp_path / "elsewhere.jpg"
    Image.new("RGB", (20, 10), "red").save(path)
    with pytest.raises(FileNotFoundError):
        large_copy(record(path), library)
    with pytest.raises(FileNotFoundError):
        paths_to_show(record(path), library)
