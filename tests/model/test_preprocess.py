"""Preprocessing equals Hugging Face's to the last bit, and goes on where that one fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from transformers.models.bridgetower.image_processing_pil_bridgetower import BridgeTowerImageProcessorPil

from model.errors import CheckpointInvalid
from model.preprocess import CLIP_MEAN, CLIP_STD, Preprocessor, centre_crop

SHAPES = {
    "landscape": (640, 480),
    "portrait": (480, 640),
    "square": (500, 500),
    "odd": (333, 257),
    "exact": (288, 288),
    "tiny": (5, 7),
    "panorama": (2000, 300),
    "tower": (90, 700),
}
EXTREME = [(20, 400), (400, 20), (50, 1000)]


def noise(width: int, height: int) -> Image.Image:
    values = np.random.default_rng(width * height).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values)


def hugging_face(photo: Image.Image, edge: int, **settings: Any) -> NDArray[np.float32]:
    size = {"shortest_edge": edge}
    processor = BridgeTowerImageProcessorPil(size=size, crop_size=size, **settings)
    pixels: NDArray[np.float32] = processor(photo, return_tensors="np")["pixel_values"][0]
    return pixels


@pytest.mark.parametrize("edge", [224, 288, 294, 384])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_equals_hugging_face_exactly(shape: tuple[int, int], edge: int) -> None:
    photo = noise(*shape)
    ours = Preprocessor(shortest_edge=edge, crop=edge)(photo)
    theirs = hugging_face(photo, edge)
    assert ours.dtype == theirs.dtype == np.float32
    assert ours.shape == (3, edge, edge)
    assert np.array_equal(ours, theirs)


def test_equals_hugging_face_exactly_with_a_checkpoints_own_numbers() -> None:
    photo = noise(301, 199)
    ours = Preprocessor(64, 64, 16, Image.Resampling.BILINEAR, 1 / 128, (0.5, 0.4, 0.3), (0.2, 0.3, 0.4))
    theirs = hugging_face(
        photo, 64, size_divisor=16, resample=Image.Resampling.BILINEAR, rescale_factor=1 / 128,
        image_mean=[0.5, 0.4, 0.3], image_std=[0.2, 0.3, 0.4],
    )  # fmt: skip
    assert np.array_equal(ours(photo), theirs)


@pytest.mark.parametrize("edge", [288, 294])
@pytest.mark.parametrize("shape", EXTREME)
def test_one_to_twenty_fails_in_hugging_face_and_not_here(shape: tuple[int, int], edge: int) -> None:
    photo = noise(*shape)
    with pytest.raises(ValueError, match=r"(height|width)=0"):
        hugging_face(photo, edge)
    assert Preprocessor(edge, edge)(photo).shape == (3, edge, edge)


def test_a_side_never_falls_below_the_divisor() -> None:
    # 288 to 5760 does not fit into int(288 x 1333 / 800) = 479: 24 to 479, floored to multiples of 32.
    assert Preprocessor(288, 288).resized(20, 400) == (32, 448)
    assert Preprocessor(288, 288).resized(400, 20) == (448, 32)


@pytest.mark.parametrize(
    ("edge", "shape", "resized"),
    [
        (288, (640, 480), (384, 288)),
        (288, (480, 640), (288, 384)),
        (294, (640, 480), (384, 288)),  # 294 x 392, floored
        (294, (294, 294), (288, 288)),
        (288, (2000, 300), (448, 64)),  # 1920 x 288 shrinks to 479 x 71.85
    ],
)
def test_sizes_after_resizing(edge: int, shape: tuple[int, int], resized: tuple[int, int]) -> None:
    assert Preprocessor(edge, edge).resized(*shape) == resized


def test_a_white_photo_is_one_minus_mean_over_deviation() -> None:
    pixels = Preprocessor(32, 32, mean=(0.5, 0.25, 0.0), std=(0.5, 0.25, 2.0))(
        Image.new("RGB", (64, 64), "white")
    )
    assert pixels[:, 0, 0].tolist() == [1.0, 3.0, 0.5]
    assert (pixels == pixels[:, :1, :1]).all()


def test_the_crop_takes_the_middle() -> None:
    values = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)
    assert np.array_equal(centre_crop(values, 3), values[1:4, 2:5])


def test_the_crop_pads_with_black() -> None:
    cropped = centre_crop(np.full((2, 6, 3), 9, dtype=np.uint8), 4)
    assert cropped[:, 0, 0].tolist() == [0, 9, 9, 0]
    assert cropped.shape == (4, 4, 3)


@pytest.mark.parametrize("name", ["preprocessor_config.json", "processor_config.json"])
def test_every_number_comes_from_the_checkpoint(tmp_path: Path, name: str) -> None:
    settings: dict[str, Any] = {
        "size": {"shortest_edge": 64}, "size_divisor": 16, "resample": 2, "rescale_factor": 0.01,
        "image_mean": [0.1, 0.2, 0.3], "image_std": [0.4, 0.5, 0.6],
    }  # fmt: skip
    content = settings if name == "preprocessor_config.json" else {"image_processor": settings}
    (tmp_path / name).write_text(json.dumps(content))
    expected = Preprocessor(64, 70, 16, 2, 0.01, (0.1, 0.2, 0.3), (0.4, 0.5, 0.6))
    assert Preprocessor.from_folder(tmp_path, 70) == expected


def test_numbers_that_are_left_out_are_hugging_faces_own(tmp_path: Path) -> None:
    (tmp_path / "preprocessor_config.json").write_text('{"size": {"shortest_edge": 288}}')
    expected = BridgeTowerImageProcessorPil()
    found = Preprocessor.from_folder(tmp_path, 288)
    assert (found.size_divisor, found.resample) == (expected.size_divisor, expected.resample)
    assert found.rescale_factor == expected.rescale_factor
    assert found.mean == CLIP_MEAN == tuple(expected.image_mean)
    assert found.std == CLIP_STD == tuple(expected.image_std)


def test_a_folder_without_the_config_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointInvalid, match=r"processor_config\.json.*neither"):
        Preprocessor.from_folder(tmp_path, 288)


@pytest.mark.parametrize("text", ["{", "[1]", '{"size": {"height": 3}}'])
def test_a_config_that_says_no_size_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "preprocessor_config.json").write_text(text)
    with pytest.raises(CheckpointInvalid):
        Preprocessor.from_folder(tmp_path, 288)


@pytest.mark.parametrize(
    ("size", "seen"),
    [
        ((224, 224), (0, 0, 224, 224)),
        ((640, 480), (71.1, 0, 568.9, 480)),  # to 298.7 x 224, of which 288 x 224: 32 cut on each side
        ((448, 448), (0, 0, 448, 448)),
        ((2000, 300), (363.6, -900, 1636.4, 1200)),  # to 352 x 32: 64 cut on each side, 96 padded
    ],
)
def test_what_part_of_a_photo_is_seen(size: tuple[int, int], seen: tuple[float, ...]) -> None:
    assert Preprocessor(shortest_edge=224, crop=224).seen(*size) == pytest.approx(seen, abs=0.05)


@pytest.mark.parametrize("shape", [(640, 480), (480, 640), (333, 257)])
def test_the_crop_shows_that_part_and_no_other(shape: tuple[int, int]) -> None:
    preprocessor = Preprocessor(shortest_edge=64, crop=64, resample=Image.Resampling.NEAREST)
    left, top, right, bottom = (round(side) for side in preprocessor.seen(*shape))
    photo = Image.new("RGB", shape, "black")
    photo.paste("white", (left, top, right, bottom))
    crop = preprocessor.crop_of(photo)
    assert crop[1:-1, 1:-1].min() == 255
    photo = Image.new("RGB", shape, "white")
    photo.paste("black", (left, top, right, bottom))
    assert preprocessor.crop_of(photo)[1:-1, 1:-1].max() == 0
