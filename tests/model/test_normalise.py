from __future__ import annotations

import numpy as np
import torch
from PIL import Image

from model.normalise import Normaliser
from model.preprocess import Preprocessor


def test_crops_become_exactly_what_the_preprocessor_makes() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2, 64, 96, 3), dtype=np.uint8)
    preprocessor = Preprocessor(64, crop=64)
    photos = [Image.fromarray(each) for each in noise]
    normalised = Normaliser(preprocessor.levels, "cpu", torch.float32)
    crops = np.stack([preprocessor.crop_of(photo) for photo in photos])
    assert crops.shape == (2, 64, 64, 3)
    pixels = np.stack([preprocessor(photo) for photo in photos])
    np.testing.assert_array_equal(normalised(crops).numpy(), pixels)
    np.testing.assert_array_equal(normalised(pixels).numpy(), pixels)


def test_each_channel_has_its_own_levels() -> None:
    levels = np.arange(768, dtype=np.float32).reshape(3, 256)
    crop = np.array([[[[0, 1, 255]]]], dtype=np.uint8)
    assert Normaliser(levels, "cpu", torch.float32)(crop).flatten().tolist() == [0, 257, 767]
    assert Normaliser(levels, "cpu", torch.bfloat16)(crop).dtype == torch.bfloat16
