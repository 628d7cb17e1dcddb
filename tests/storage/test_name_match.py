from __future__ import annotations

import pytest

from storage.name_match import is_camera, is_place


@pytest.mark.parametrize(
    ("typed", "found"), [("r5", True), ("CANON", True), (" eos  r5 ", True), ("r50", False), ("nikon", False)]
)
def test_a_part_of_a_camera_s_name(typed: str, found: bool) -> None:
    assert is_camera(typed, "Canon EOS R5") is found


@pytest.mark.parametrize(
    ("typed", "place", "code", "found"),
    [
        ("bergen", "Bergen, Vestland, Norway", "NO", True),
        ("VESTLAND", "Bergen, Vestland, Norway", "NO", True),
        ("norway", "Bergen, Vestland, Norway", "NO", True),
        ("no", "Bergen, Vestland, Norway", "NO", True),
        ("Bergen, Vestland, Norway", "Bergen, Vestland, Norway", "NO", True),
        ("bergen, no", "Bergen, Vestland, Norway", "NO", True),
        ("bergen, sweden", "Bergen, Vestland, Norway", "NO", False),
        ("way", "Bergen, Vestland, Norway", "NO", False),
        ("Berg", "Bergen, Vestland, Norway", "NO", False),
        ("MÜNCHEN", "München, Bayern, Germany", "DE", True),
        ("munchen", "München, Bayern, Germany", "DE", True),
        ("ile-de-france", "Paris, Île-de-France, France", "FR", True),
        ("new york", "New York City, New York, United States", "US", True),
        ("york", "New York City, New York, United States", "US", False),
        ("de", "De Kalb, Texas, United States", "US", False),
        ("", "Bergen, Vestland, Norway", "NO", False),
        (" , ", "Bergen, Vestland, Norway", "NO", False),
        ("no", "Bergen", None, False),
    ],
)
def test_towns_regions_countries_and_codes(typed: str, place: str, code: str | None, found: bool) -> None:
    assert is_place(typed, place, code) is found
