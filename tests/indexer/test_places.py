from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import ExifTags, Image

from indexer.pipeline import Encoder, index
from indexer.places import name_places, places
from storage.library import Library
from storage.records import Place

GPS = ExifTags.GPS


def test_towns_regions_countries() -> None:
    assert places([(60.3913, 5.3221), (48.8566, 2.3522), (1.2897, 103.8501)]) == [
        Place("Bergen, Vestland, Norway", "NO"),
        Place("Paris, Île-de-France, France", "FR"),
        Place("Singapore", "SG"),
    ]


def test_at_sea_there_is_no_place() -> None:
    assert places([(30.0, -40.0)]) == [None]


def test_nothing_to_look_up() -> None:
    assert places([]) == []


def save_at(path: Path, colour: str, latitude: float, longitude: float) -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            GPS.GPSLatitudeRef: "N",
            GPS.GPSLatitude: (latitude, 0.0, 0.0),
            GPS.GPSLongitudeRef: "E" if longitude > 0 else "W",
            GPS.GPSLongitude: (abs(longitude), 0.0, 0.0),
        }
    )
    Image.new("RGB", (16, 8), colour).save(path, exif=exif)


def test_a_run_names_the_places_of_its_photos(
    photos: Path, library: Library, encoder: Encoder, save: Callable[..., Path]
) -> None:
    save_at(photos / "bergen.jpg", "red", 60.3913, 5.3221)
    save_at(photos / "sea.jpg", "blue", 30.0, -40.0)
    save("nowhere.jpg", "green")
    index([photos], library, encoder)
    found = {Path(each.paths[0]).name: each.place for each in library.photos([1, 2, 3]).values()}
    assert found == {
        "bergen.jpg": Place("Bergen, Vestland, Norway", "NO"),
        "sea.jpg": None,
        "nowhere.jpg": None,
    }
    assert name_places(library) == 0  # what was looked up, at sea too, is not looked up again
