"""What is known of a photo, in words."""

from __future__ import annotations

import pytest

from indexer.exposure import Exposure
from ui.photo_facts import exposure_words


@pytest.mark.parametrize(
    ("exposure", "words"),
    [
        (Exposure(), []),
        (Exposure(1 / 250, 2.8, 400), [("exposure", "1/250 s, f/2.8, ISO 400")]),
        (Exposure(1 / 8000, 8.0), [("exposure", "1/8000 s, f/8")]),
        (Exposure(0.25, 0.95), [("exposure", "1/4 s, f/0.95")]),
        (Exposure(0.5, iso=102_400), [("exposure", "0.5 s, ISO 102400")]),
        (Exposure(30), [("exposure", "30 s")]),
        (Exposure(lens="EF50mm", focal_length=50), [("lens", "EF50mm"), ("focal length", "50 mm")]),
        (
            Exposure(focal_length=4.25, focal_length_35mm=26),
            [("focal length", "4.2 mm (26 mm in 35 mm terms)")],
        ),
        (Exposure(focal_length=50, focal_length_35mm=50), [("focal length", "50 mm")]),
        (Exposure(focal_length_35mm=28), [("focal length", "28 mm in 35 mm terms")]),
    ],
)
def test_how_a_photo_was_taken_as_photographers_write_it(
    exposure: Exposure, words: list[tuple[str, str]]
) -> None:
    assert exposure_words(exposure) == words
