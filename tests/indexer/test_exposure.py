"""How a photo was taken, from tags that were written into real files."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from indexer.exposure import Exposure, exposure_in

Base = ExifTags.Base
WRITTEN: dict[int, object] = {
    Base.ExposureTime: IFDRational(1, 250),
    Base.FNumber: IFDRational(28, 10),
    Base.ISOSpeedRatings: 400,
    Base.FocalLength: IFDRational(35),
    Base.FocalLengthIn35mmFilm: 52,
    Base.LensMake: "FUJIFILM",
    Base.LensModel: "XF35mmF1.4 R",
}


def block(tags: dict[int, object]) -> Image.Exif:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif).update(tags)
    return exif


def through_a_file(tags: dict[int, object], kind: str = "JPEG") -> Exposure:
    """Write the tags into a file and read them back."""
    data = BytesIO()
    Image.new("RGB", (16, 16)).save(data, kind, exif=block(tags).tobytes())
    with Image.open(data) as image:
        return exposure_in(image)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG", "WEBP", "HEIF"])
def test_what_was_written_is_read(kind: str) -> None:
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    assert through_a_file(WRITTEN, kind) == Exposure(
        1 / 250, 2.8, 400, "FUJIFILM XF35mmF1.4 R", focal_length=35, focal_length_35mm=52
    )


def test_a_photo_that_says_nothing() -> None:
    assert through_a_file({}) == Exposure()
    assert exposure_in(Image.new("RGB", (2, 2))) == Exposure()


@pytest.mark.parametrize("number", [(0, 0), (1, 0), (0, 1), (4_000_000_000, 1), (1, 4_000_000_000)])
def test_what_no_camera_does_is_left_out(number: tuple[int, int]) -> None:
    tags = (Base.ExposureTime, Base.FNumber, Base.FocalLength)
    assert through_a_file(dict.fromkeys(tags, IFDRational(*number))) == Exposure()


@pytest.mark.parametrize("value", ["fast", (), ("fast",), None, b"\xff", float("nan"), float("inf"), -1])
def test_a_value_of_another_kind_is_left_out(value: Any) -> None:
    tags = (
        Base.ExposureTime, Base.FNumber, Base.ISOSpeedRatings, Base.FocalLength, Base.FocalLengthIn35mmFilm,
    )  # fmt: skip
    image = Image.new("RGB", (2, 2))
    image.getexif().get_ifd(ExifTags.IFD.Exif).update(dict.fromkeys(tags, value))
    assert exposure_in(image) == Exposure()


@pytest.mark.parametrize(
    ("tags", "iso"),
    [
        ({Base.ISOSpeedRatings: (200, 200)}, 200),
        ({Base.ISOSpeedRatings: 65_535, Base.RecommendedExposureIndex: 102_400}, 102_400),
        ({Base.ISOSpeedRatings: 65_535}, None),
        ({Base.ISOSpeedRatings: 0}, None),
    ],
)
def test_sensitivity(tags: dict[int, object], iso: int | None) -> None:
    assert through_a_file(tags).iso == iso


@pytest.mark.parametrize(
    ("make", "model", "lens"),
    [
        ("Canon", "Canon EF50mm", "Canon EF50mm"),
        ("", "EF50mm\0", "EF50mm"),
        ("Canon", "", None),
        ("", "----", None),
        ("", "0.0 mm f/0.0", None),
        ("", "x" * 101, None),
    ],
)
def test_lens(make: str, model: str, lens: str | None) -> None:
    assert through_a_file({Base.LensMake: make, Base.LensModel: model}).lens == lens


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_every_way_to_cut_or_flip_a_block_is_survived() -> None:
    whole = block(WRITTEN).tobytes()
    for position in range(6, len(whole)):
        for broken in (whole[:position], whole[:position] + b"\xff" + whole[position + 1 :]):
            image = Image.new("RGB", (2, 2))
            image.info["exif"] = broken
            exposure_in(image)
