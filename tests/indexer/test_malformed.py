"""Files as disks leave them: cut, overwritten, shifted. Each is a photo or a reported failure."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image

from indexer.pipeline import index
from indexer.workers import Workers
from storage.library import Library
from tests.indexer.tiny import TinyEncoder

MUTATIONS = int(os.environ.get("BRIDGELENS_TEST_MUTATIONS", "2000"))
"""Mutated files of each format; more for whoever has the time."""
FORMATS = {
    "jpg": "JPEG", "png": "PNG", "webp": "WEBP", "tif": "TIFF", "bmp": "BMP", "gif": "GIF", "heic": "HEIF",
    "avif": "AVIF",
}  # fmt: skip


def valid_file(suffix: str) -> bytes:
    """A small photo of blocks of random colours, with EXIF where the format has it."""
    pillow_heif.register_heif_opener()
    blocks = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    photo = Image.fromarray(blocks.repeat(4, axis=0).repeat(4, axis=1))
    exif = Image.Exif()
    exif.update({ExifTags.Base.Orientation: 6, ExifTags.Base.Model: "X100"})
    file = io.BytesIO()
    photo.save(file, FORMATS[suffix], **({} if suffix in ("bmp", "gif") else {"exif": exif}))
    return file.getvalue()


def mutated(data: bytes, dice: random.Random) -> bytes:
    """Cut, overwritten anywhere or in the header, or with bytes taken out or put in."""
    found = bytearray(data)
    place, some = dice.randrange(len(data)), dice.randint(1, 100)
    match dice.randrange(5):
        case 0:
            del found[place:]
        case 1:
            for _ in range(dice.randint(1, 20)):
                found[dice.randrange(len(found))] = dice.randrange(256)
        case 2:
            for _ in range(dice.randint(1, 4)):
                found[dice.randrange(min(len(found), 200))] = dice.choice([0, 127, 128, 255])
        case 3:
            del found[place : place + some]
        case 4:
            found[place:place] = dice.randbytes(some)
    return bytes(found)


class NeverBlack(TinyEncoder):
    """A photo that came out black has a direction too."""

    def embed_images(self, crops: NDArray[np.uint8], /) -> NDArray[np.float32]:
        return super().embed_images(np.maximum(crops, 1))


@pytest.mark.slow
@pytest.mark.parametrize("suffix", FORMATS)
def test_every_mutated_file_is_a_photo_or_a_failure(
    photos: Path, save: Callable[..., Path], library: Library, workers: Workers, suffix: str
) -> None:
    dice, whole = random.Random(suffix), valid_file(suffix)
    for number in range(MUTATIONS):
        (photos / f"{number:06}.{suffix}").write_bytes(mutated(whole, dice))
    (photos / f"whole.{suffix}").write_bytes(whole)
    last = save("zebra.png", "red")  # found after all of them
    report = index([photos], library, NeverBlack(), workers=workers)
    # The workers end whatever takes more than 10 s or 1 GiB, and none of these did.
    assert not [failure for failure in report.failures if "its decoder" in failure.reason]
    assert not [failure for failure in report.failures if "processor time" in failure.reason]
    assert report.added + report.copies + report.failed == MUTATIONS + 2
    assert report.failed > MUTATIONS / 20
    known = library.known_files(str(photos))
    assert {str(last), str(photos / f"whole.{suffix}")} <= known.keys()
    assert len(known) + len(library.failures()) == MUTATIONS + 2
