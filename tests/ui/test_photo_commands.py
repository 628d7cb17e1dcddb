"""`bridgelens info` and `bridgelens duplicates`, on real photos and, once, with the real small model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image

Run = Callable[..., Any]
XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
xmp:Rating="4"><dc:description>Grandma, 90</dc:description>
<dc:subject><rdf:Bag><rdf:li>family</rdf:li><rdf:li>cake</rdf:li></rdf:Bag></dc:subject>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


@pytest.fixture
def bergen(photos: Path) -> Path:
    """A red photo with everything said about it, and a copy."""
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = "EOS R5"
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {
            ExifTags.Base.DateTimeOriginal: "2024:05:01 12:00:00",
            ExifTags.Base.OffsetTimeOriginal: "+02:00",
            ExifTags.Base.ExposureTime: 0.5,
            ExifTags.Base.FocalLength: 35.0,
        }
    )
    gps = ExifTags.GPS
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            gps.GPSLatitudeRef: "N",
            gps.GPSLatitude: (60.0, 23.0, 28.68),
            gps.GPSLongitudeRef: "E",
            gps.GPSLongitude: (5.0, 19.0, 19.56),
        }
    )
    path = photos / "bergen.jpg"
    Image.new("RGB", (400, 300), "red").save(path, exif=exif)
    (photos / "bergen.xmp").write_text(XMP)
    (photos / "copy.jpg").write_bytes(path.read_bytes())
    return path


def test_all_that_is_known_of_a_photo(bridgelens: Run, encoder: object, bergen: Path) -> None:
    assert bridgelens("index", bergen.parent).code == 0
    ran = bridgelens("info", bergen)
    lines = [line.split(maxsplit=1) for line in ran.out.splitlines()]
    assert ran.code == 0
    found = {line[0]: line[1].strip() for line in lines if len(line) == 2}
    assert found["size"].startswith("400 × 300 pixels, ")
    assert {name: found[name] for name in ("taken", "camera", "place", "position")} == {
        "taken": "2024-05-01 12:00:00+02:00",
        "camera": "EOS R5",
        "place": "Bergen, Vestland, Norway",
        "position": "60.39130, 5.32210",
    }
    assert (found["caption"], found["keywords"], found["rating"]) == (
        "Grandma, 90",
        "family, cake",
        "4 of 5 stars",
    )
    assert (found["exposure"], found["focal"]) == ("0.5 s", "length  35 mm")
    assert found["copy"].endswith("copy.jpg")


def test_the_same_as_json_and_in_a_search(bridgelens: Run, encoder: object, bergen: Path) -> None:
    bridgelens("index", bergen.parent)
    said = {
        "format": "JPEG",
        "camera": "EOS R5",
        "place": "Bergen, Vestland, Norway",
        "country_code": "NO",
        "caption": "Grandma, 90",
        "keywords": ["family", "cake"],
        "rating": 4,
        "duration_s": None,
    }
    info = json.loads(bridgelens("info", bergen, "--json").out)
    assert {name: info[name] for name in said} == said
    assert (info["exposure_s"], info["focal_length_mm"], info["iso"]) == (0.5, 35, None)
    assert (info["paths"], info["failure"]) == ([str(bergen), str(bergen.parent / "copy.jpg")], None)
    matches = [json.loads(line) for line in bridgelens("search", "red", "--json").out.splitlines()]
    [match] = [match for match in matches if match["path"] == str(bergen)]
    assert {name: match[name] for name in said} == said


def test_a_photo_that_could_not_be_read(bridgelens: Run, encoder: object, photos: Path) -> None:
    (photos / "broken.jpg").write_bytes(b"")
    bridgelens("index", photos)
    ran = bridgelens("info", photos / "broken.jpg", "--json")
    assert json.loads(ran.out) == {"path": str(photos / "broken.jpg"), "failure": "empty file: 0 bytes"}
    assert "empty file: 0 bytes" in bridgelens("info", photos / "broken.jpg").out


def test_a_photo_that_is_gone_is_still_known(indexed: Run, photos: Path) -> None:
    (photos / "red.png").unlink()
    indexed("index", photos)
    assert "gone at the last look" in " ".join(indexed("info", photos / "red.png").out.split())


def test_a_photo_that_is_not_in_the_library(indexed: Run, tmp_path: Path) -> None:
    ran = indexed("info", tmp_path / "other.png")
    assert (ran.code, ran.out) == (2, "")
    assert f"other.png is not in the library {tmp_path}/library; bridgelens index" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_no_duplicates(indexed: Run) -> None:
    ran = indexed("duplicates")
    assert (ran.code, ran.out) == (0, "No duplicates.\n")
    assert indexed("duplicates", "--json").out == ""


def test_no_library(bridgelens: Run) -> None:
    ran = bridgelens("duplicates")
    assert ran.code == 2
    assert "bridgelens index FOLDER" in ran.err


def test_copies(bridgelens: Run, encoder: object, bergen: Path) -> None:
    bridgelens("index", bergen.parent)
    lines = [json.loads(line) for line in bridgelens("duplicates", "--json").out.splitlines()]
    [group] = [line for line in lines if line["kind"] == "copies"]
    assert [Path(path).name for path in group["photos"][0]["paths"]] == ["bergen.jpg", "copy.jpg"]


@pytest.mark.slow
def test_versions_of_real_photos_with_the_real_small_model(bridgelens: Run, tmp_path: Path) -> None:
    data = pytest.importorskip("skimage.data")
    folder = tmp_path / "real"
    folder.mkdir()
    for name in ("astronaut", "chelsea", "coffee", "rocket"):
        Image.fromarray(getattr(data, name)()).save(folder / f"{name}.png")
    coffee = Image.fromarray(data.coffee())
    coffee.resize((300, 200)).save(folder / "coffee-small.jpg")
    coffee.crop((6, 4, 594, 396)).save(folder / "coffee-cropped.jpg", quality=90)
    Image.fromarray(data.rocket()).save(folder / "rocket-30.jpg", quality=30)
    assert bridgelens("index", folder).code == 0
    groups = [json.loads(line) for line in bridgelens("duplicates", "--json").out.splitlines()]
    found = [(group["kind"], [Path(photo["paths"][0]).name for photo in group["photos"]]) for group in groups]
    assert found == [
        ("near-duplicates", ["coffee.png", "coffee-cropped.jpg", "coffee-small.jpg"]),
        ("near-duplicates", ["rocket.png", "rocket-30.jpg"]),
    ]
    table = bridgelens("duplicates").out
    assert table.count("one photo in several versions") == 2
    assert table.count("the largest") == 2
