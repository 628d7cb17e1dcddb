"""A calibration fitted on photos whose scores are known, and the pieces it is made of, by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from search.calibrating import Asked, calibrate, chance, first_photo, present_in, regress
from search.calibration import Calibration
from search.captions import CaptionedFolder
from search.errors import CaptionsInvalid

Array = NDArray[Any]
SIDE = 10  # photos lie on a grid of words: photo 37 shows "thing3" and "place7"


def floats(*values: float) -> Array:
    return np.array(values, np.float32)


class Words:
    """Photos and captions embed by their words, each a direction of its own.

    A photo's pixels are its number; an even one shows the second of its two words faintly.
    """

    name, fingerprint, dim = "words", "f" * 16, 2 * SIDE
    can_embed = can_match = True
    similarity_weight = 20.0
    calibration: Mapping[str, float] | None = None

    def preprocessor(self, photo: Image.Image) -> Array:
        return np.array(photo.getpixel((0, 0)), np.float32)

    def embed_images(self, pixels: Array) -> Array:
        numbers = pixels[:, 0].astype(int)
        units = np.zeros((len(numbers), self.dim), np.float32)
        for row, number in enumerate(numbers):
            faint = 0.3 if number % 2 == 0 else 1.0
            units[row, number // SIDE], units[row, SIDE + number % SIDE] = 1, faint
        unit: Array = units / np.linalg.norm(units, axis=1, keepdims=True)
        return unit

    def embed_captions(self, captions: Sequence[str]) -> Array:
        units = np.zeros((len(captions), self.dim), np.float32)
        for row, caption in enumerate(captions):
            thing, place = caption.split()
            units[row, "abcdefghij".index(thing[-1])] = 1
            units[row, SIDE + "abcdefghij".index(place[-1])] = 1
        unit: Array = units / math.sqrt(2)
        return unit

    def photo_states(self, pixels: Array) -> Any:
        return States(self.embed_images(pixels))

    def caption_states(self, caption: str) -> Array:
        unit: Array = self.embed_captions([caption])[0]
        return unit

    def match_states(self, photos: Any, caption: Array) -> Array:
        odds: Array = 8 * (photos.bridged @ caption) - 6
        return odds

    def match_log_odds(self, pixels: Any, captions: Any) -> Any:
        raise AssertionError("a calibration matches by states")

    def caption_is_truncated(self, caption: str) -> bool:
        return False


class States:
    def __init__(self, rows: Array) -> None:
        self.bridged = self.attended = rows

    def select(self, rows: Array) -> States:
        return States(self.bridged[rows])


def load(path: str) -> Image.Image:
    return Image.new("RGB", (1, 1), (int(path), 0, 0))


def grid(photos: int) -> CaptionedFolder:
    letters = "abcdefghij"
    captions = tuple(f"thing{letters[n // SIDE]} place{letters[n % SIDE]}" for n in range(photos))
    return CaptionedFolder(tuple(map(str, range(photos))), captions, np.arange(photos))


def quiet(*_: object) -> None:
    pass


def test_a_calibration_tells_present_from_absent_on_photos_it_never_saw() -> None:
    measured = calibrate(grid(100), Words(), load, quiet)
    assert measured.present == measured.absent == 50  # one caption of each photo of the half kept
    assert measured.answered_present >= 0.8
    assert measured.answered_absent == 0  # where no word is shared, the best photo has a cosine of 0
    assert measured.error < 0.2
    assert sum(each.count for each in measured.bins) == 100
    assert 0 < measured.calibration.threshold < 1


def test_too_few_photos_are_refused() -> None:
    with pytest.raises(CaptionsInvalid, match="40 captioned photos or more"):
        calibrate(grid(60), Words(), load, quiet)


def test_what_is_searched_where_the_photo_is_there() -> None:
    absent = np.array([[False, True, True, False], [False, False, True, False], [False, True, False, True]])
    searched = present_in(absent, np.array([0, 1, 2]), np.random.default_rng(0))
    assert searched[0].all() and searched[2].all()
    assert searched[1, 1]  # its own photo
    assert searched[1].sum() in (1, 2)  # and one drawn, which may be the same


def test_the_first_photo_of_a_shorter_shortlist() -> None:
    near, odds = floats(0.8, 0.5, 0.3), floats(-1, 2, 9)
    encoder: Any = Words()
    place, read = first_photo(near, odds, there=3, size=2, encoder=encoder)
    assert place == 0  # -1 + 20 x 0.8 is above 2 + 20 x 0.5; the third is not looked at
    assert read[:3].tolist() == pytest.approx([0.8, -1, 0.15])
    assert read[4] == pytest.approx(math.log(2))


def test_the_first_photo_is_found_less_hubness_and_its_features_are_of_the_cosines() -> None:
    near, odds, meant = floats(0.8, 0.5), floats(1, 1), floats(0.2, 0.3)
    encoder: Any = Words()
    place, read = first_photo(near, odds, there=2, size=2, encoder=encoder, meant=meant)
    assert place == 1
    assert read[:3].tolist() == pytest.approx([0.5, 1, -0.15])


def test_a_photo_that_could_not_be_read_has_no_features_and_no_chance() -> None:
    encoder: Any = Words()
    place, read = first_photo(floats(0.8, 0.5), floats(np.nan, 2), there=2, size=8, encoder=encoder)
    assert place == 0 and np.isnan(read).all()
    always = Calibration((0, 0, 0, 0, 0), 5, 0.5)
    assert chance(always, np.array([read, [0, 0, 0, 0, 0]])).tolist() == pytest.approx(
        [0, 1 / (1 + math.exp(-5))]
    )


def test_a_feature_that_decides_gets_the_weight() -> None:
    rng = np.random.default_rng(0)
    read = rng.standard_normal((4000, 5))
    read[:, 1] += 3
    right = rng.random(4000) < 1 / (1 + np.exp(-(2 * read[:, 1] - 6)))
    found = regress(Asked(read, right, np.ones(4000, np.bool_)))
    assert found.weights[1] == pytest.approx(2, abs=0.25)
    assert found.constant == pytest.approx(-6, abs=0.75)
    assert np.abs([found.weights[each] for each in (0, 2, 3, 4)]).max() < 0.2
