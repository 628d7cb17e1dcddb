from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.tiny_photos import FirstPixel, make_photos, one_pixel


def test_a_photo_is_one_pixel_of_its_number() -> None:
    with Image.open(io.BytesIO(one_pixel(0x010203))) as photo:
        assert (photo.size, photo.mode, photo.getpixel((0, 0))) == ((1, 1), "RGB", (1, 2, 3))


def test_an_embedding_is_the_pixel_and_a_little_white() -> None:
    model = FirstPixel()
    pixels = model.preprocessor.crop_of(Image.new("RGB", (1, 1), (2, 2, 4)))
    assert np.allclose(model.embed_images(pixels[None]), [[0.4, 0.4, 0.8, 0.2]])


def test_a_thousand_photos_a_folder(tmp_path: Path) -> None:
    make_photos(tmp_path, 1001)
    paths = sorted(tmp_path.rglob("*.png"))
    assert len({path.read_bytes() for path in paths}) == 1001
    assert [str(path.relative_to(tmp_path)) for path in (paths[0], paths[999], paths[1000])] == [
        "year 000/month 0/IMG_00000.png",
        "year 000/month 0/IMG_00999.png",
        "year 000/month 1/IMG_00000.png",
    ]
