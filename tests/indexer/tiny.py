"""A model that a person can compute: it is sent to child processes, so they must be able to import it."""

from __future__ import annotations

import os
import signal
import time

import numpy as np
from numpy.typing import NDArray
from PIL import Image


class Quarters:
    """Makes of a photo the mean colours of its four quarters: uint8 (2, 2, 3)."""

    def resized(self, width: int, height: int) -> tuple[int, int]:
        return 2, 2

    def crop_of(self, photo: Image.Image) -> NDArray[np.uint8]:
        return np.asarray(photo.resize((2, 2), Image.Resampling.BOX))


DEADLY = (1, 3000)
"""The size of the photo that three preprocessors here have trouble with."""


class Fussy(Quarters):
    """Cannot take a photo of one size."""

    def crop_of(self, photo: Image.Image) -> NDArray[np.uint8]:
        if photo.size == DEADLY:
            raise ZeroDivisionError("no pixels left")
        return super().crop_of(photo)


class Deadly(Quarters):
    """Dies of a photo of one size."""

    def crop_of(self, photo: Image.Image) -> NDArray[np.uint8]:
        if photo.size == DEADLY:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().crop_of(photo)


class Hanging(Quarters):
    """Never comes to an end with a photo of one size."""

    def crop_of(self, photo: Image.Image) -> NDArray[np.uint8]:
        if photo.size == DEADLY:
            time.sleep(3600)
        return super().crop_of(photo)


class TinyEncoder:
    """Embeds a photo as the colours of its four quarters: 12 numbers, scaled to unit length.

    So red photos score 1 with each other and 0 with blue ones. It counts the photos that it is shown.
    """

    name = "tiny"
    dim = 12

    def __init__(self, fingerprint: str = "t" * 16) -> None:
        self.fingerprint = fingerprint
        self.preprocessor: Quarters = Quarters()
        self.seen = 0

    def embed_images(self, crops: NDArray[np.uint8], /) -> NDArray[np.float32]:
        self.seen += len(crops)
        flat = crops.reshape(len(crops), -1).astype(np.float32)
        return np.asarray(flat / np.linalg.norm(flat, axis=1, keepdims=True), dtype=np.float32)
