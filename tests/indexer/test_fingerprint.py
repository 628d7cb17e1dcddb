from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from indexer.fingerprint import perceptual_hash

data = pytest.importorskip("skimage.data")


def bits(one: Image.Image, other: Image.Image) -> int:
    return ((perceptual_hash(one) ^ perceptual_hash(other)) & (2**64 - 1)).bit_count()


@pytest.fixture(scope="module")
def photos() -> list[Image.Image]:
    return [Image.fromarray(photo()) for photo in (data.astronaut, data.chelsea, data.coffee, data.rocket)]


def test_versions_of_a_photo_differ_in_few_bits(photos: list[Image.Image]) -> None:
    for photo in photos:
        stored = BytesIO()
        photo.save(stored, "JPEG", quality=30)
        with Image.open(stored) as recompressed:
            assert bits(photo, recompressed.convert("RGB")) <= 4
        assert bits(photo, photo.resize((photo.width // 3, photo.height // 3))) <= 6
        assert bits(photo, photo.resize((photo.width * 3, photo.height * 3))) <= 4


def test_other_photos_differ_in_many(photos: list[Image.Image]) -> None:
    pairs = [(one, other) for place, one in enumerate(photos) for other in photos[:place]]
    assert min(bits(one, other) for one, other in pairs) >= 20


def test_the_hash_by_hand() -> None:
    """Dark above and light below: only frequencies of no horizontal change are not 0."""
    grey = np.zeros((256, 256), np.uint8)
    grey[128:] = 255
    value = perceptual_hash(Image.fromarray(grey).convert("RGB"))
    assert -(2**63) <= value < 2**63
    rows = (value & (2**64 - 1)).to_bytes(8, "big")
    # The step goes up, so its odd frequencies alternate: the first is negative, the third positive.
    assert [row >> 7 for row in rows][1:4:2] == [0, 1]


@pytest.mark.parametrize("size", [(1, 1), (9, 2000), (3, 5)])
def test_every_shape_has_one(size: tuple[int, int]) -> None:
    assert perceptual_hash(Image.new("RGB", size, "white")) == perceptual_hash(
        Image.new("RGB", size, "white")
    )
