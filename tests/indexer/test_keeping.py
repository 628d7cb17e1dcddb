"""What an index run keeps beside embeddings: the very crops, and thumbnails of what is large."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer.pipeline import index
from indexer.reindex import embed_lacking
from indexer.workers import Workers
from storage.library import Library
from tests.indexer.tiny import TinyEncoder


@pytest.fixture
def large(photos: Path) -> Path:
    """1400 x 700: red on the left, blue on the right."""
    photo = Image.new("RGB", (1400, 700), "blue")
    photo.paste("red", (0, 0, 700, 700))
    photo.save(photos / "large.png")
    return photos / "large.png"


def only_hash(library: Library, path: Path) -> str:
    record = library.photo_at(str(path))
    assert record is not None
    return record.content_hash


def test_a_run_keeps_the_crop_it_embedded_and_a_thumbnail(
    library: Library, encoder: TinyEncoder, large: Path, workers: Workers
) -> None:
    report = index([large.parent], library, encoder, workers=workers)
    name = only_hash(library, large)
    red, blue = (255, 0, 0), (0, 0, 255)
    np.testing.assert_array_equal(
        library.pixels.get(name, encoder.fingerprint), np.array([[red, blue], [red, blue]], np.uint8)
    )
    picture = library.thumbnails.get(name)
    assert picture is not None
    assert Image.open(io.BytesIO(picture)).size == (700, 350)
    assert report.unkept == ()


def test_none_is_made_when_none_are_wanted(
    library: Library, encoder: TinyEncoder, large: Path, workers: Workers
) -> None:
    index([large.parent], library, encoder, workers=workers, thumbnails=False)
    name = only_hash(library, large)
    assert library.thumbnails.get(name) is None
    assert library.pixels.get(name, encoder.fingerprint) is not None


def test_another_model_keeps_its_own_crop_and_the_thumbnail_there_is(
    library: Library, encoder: TinyEncoder, large: Path, workers: Workers
) -> None:
    index([large.parent], library, encoder, workers=workers)
    name = only_hash(library, large)
    library.thumbnails.put(name, b"the one of before")
    embed_lacking(library, TinyEncoder("u" * 16))
    assert library.pixels.get(name, "u" * 16) is not None
    assert library.thumbnails.get(name) == b"the one of before"


def test_a_cache_that_cannot_be_written_is_said_once_and_the_run_goes_on(
    library: Library, encoder: TinyEncoder, large: Path, workers: Workers
) -> None:
    (library.folder / "pixels.sqlite").mkdir()
    for number in range(3):
        Image.new("RGB", (8, 8), (number, 9, 9)).save(large.parent / f"{number}.png")
    report = index([large.parent], library, encoder, workers=workers, batch_size=1)
    assert (report.added, report.failed) == (4, 0)
    assert report.unkept == (f"{library.folder / 'pixels.sqlite'}: unable to open database file",)
