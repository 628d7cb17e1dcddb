"""RAW photos: real DNG files, written here as the TIFF files they are."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from PIL import ExifTags, Image

from indexer.decode import content_hash, decode, inspect, read_exposure
from indexer.errors import PhotoUnreadable
from indexer.exposure import Exposure
from indexer.pipeline import Encoder, index
from indexer.raw import read_raw_exif, read_raw_exposure
from storage.library import Library

rawpy = pytest.importorskip("rawpy")

Tags: TypeAlias = dict[int, tuple[int, bytes | tuple[int, ...]]]
# Tag: type and values, of what makes a TIFF a DNG. Source: Digital Negative Specification 1.4.
BYTES, TEXT, SHORT, LONG, RATIONAL = 1, 2, 3, 4, 10
DNG_TAGS: Tags = {
    271: (TEXT, b"Leica\0"),
    272: (TEXT, b"M11\0"),
    33421: (SHORT, (2, 2)),  # CFARepeatPatternDim
    33422: (BYTES, bytes((0, 1, 1, 2))),  # CFAPattern: red, green, green, blue
    50706: (BYTES, bytes((1, 4, 0, 0))),  # DNGVersion
    50708: (TEXT, b"Leica M11\0"),  # UniqueCameraModel
    50714: (SHORT, (0,)),  # BlackLevel
    50717: (LONG, (65535,)),  # WhiteLevel
    50721: (RATIONAL, (1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1)),  # ColorMatrix1: one to one
    50728: (RATIONAL, (1, 1, 1, 1, 1, 1)),  # AsShotNeutral
}


def picture_tags(size: tuple[int, int], subfile: int, photometric: int, compression: int) -> Tags:
    samples = 1 if compression == 1 else 3
    bits = (16,) if compression == 1 else (8, 8, 8)
    return {
        254: (LONG, (subfile,)), 256: (LONG, (size[0],)), 257: (LONG, (size[1],)), 258: (SHORT, bits),
        259: (SHORT, (compression,)), 262: (SHORT, (photometric,)), 277: (SHORT, (samples,)),
        278: (LONG, (size[1],)), 284: (SHORT, (1,)),
    }  # fmt: skip


def tiff(*pictures: tuple[Tags, bytes]) -> bytes:
    """A little-endian TIFF file of pictures of one strip each."""
    out = bytearray(b"II*\0\0\0\0\0")
    link = 4  # where the offset of the next directory goes
    for tags, strip in pictures:
        tags = {**tags, 273: (LONG, (len(out),)), 279: (LONG, (len(strip),))}
        out += strip + b"\0" * (len(strip) % 2)
        entries = b""
        for tag, (kind, values) in sorted(tags.items()):
            letter = {SHORT: "H", LONG: "I", RATIONAL: "i"}.get(kind)
            value = values if isinstance(values, bytes) else struct.pack(f"<{len(values)}{letter}", *values)
            count = len(values) // 2 if kind == RATIONAL else len(values)
            if len(value) > 4:
                out += value + b"\0" * (len(value) % 2)
                value = struct.pack("<I", len(out) - len(value) - len(value) % 2)
            entries += struct.pack("<HHI", tag, kind, count) + value.ljust(4, b"\0")
        out[link : link + 4] = struct.pack("<I", len(out))
        out += struct.pack("<H", len(tags)) + entries + b"\0\0\0\0"
        link = len(out) - 4
    return bytes(out)


def write_dng(
    path: Path, *, orientation: int = 1, preview: Image.Image | None = None, exif: Image.Exif | None = None
) -> Path:
    """64 x 48 sensor pixels, the left half red and the right half blue, with a JPEG preview if given."""
    sensor = np.full((48, 64), 500, "<u2")
    sensor[0::2, 0:32:2] = 40_000
    sensor[1::2, 33::2] = 40_000
    turn: Tags = {274: (SHORT, (orientation,))}
    pictures = [({**DNG_TAGS, **picture_tags((64, 48), 0, 32803, 1), **turn}, sensor.tobytes())]
    if preview is not None:
        data = BytesIO()
        preview.save(data, "JPEG", exif=exif or Image.Exif())
        jpeg = data.getvalue()
        if exif is not None:
            jpeg = jpeg[:2] + jpeg[20:]  # as cameras write it: EXIF first and no JFIF segment
        pictures.append(({**picture_tags(preview.size, 1, 6, 7), **turn}, jpeg))
    path.write_bytes(tiff(*pictures))
    return path


def colour(photo: Image.Image, x: float, y: float) -> str:
    red, _, blue = np.asarray(photo)[int(y * photo.height), int(x * photo.width)]
    return "red" if red > blue else "blue"


def test_the_sensor_is_developed_at_half_its_size(tmp_path: Path) -> None:
    found = decode(write_dng(tmp_path / "a.dng"))
    assert found.photo.size == (32, 24)
    assert (colour(found.photo, 0.25, 0.5), colour(found.photo, 0.75, 0.5)) == ("red", "blue")
    facts = found.facts
    assert (facts.width, facts.height, facts.format, facts.camera) == (64, 48, "DNG", "Leica M11")


@pytest.mark.parametrize(
    ("orientation", "first"),
    [(6, ("red", "blue")), (8, ("blue", "red"))],  # from top to bottom
)
def test_a_turned_sensor_is_upright(tmp_path: Path, orientation: int, first: tuple[str, str]) -> None:
    found = decode(write_dng(tmp_path / "a.dng", orientation=orientation))
    assert found.photo.size == (24, 32)
    assert (colour(found.photo, 0.5, 0.25), colour(found.photo, 0.5, 0.75)) == first
    assert (found.facts.width, found.facts.height) == (48, 64)


@pytest.mark.parametrize(
    ("side", "size", "upper"),
    [((960, 600), (600, 960), "green"), ((958, 598), (24, 32), "red")],
)
def test_a_preview_is_used_when_it_is_large_enough(
    tmp_path: Path, side: tuple[int, int], size: tuple[int, int], upper: str
) -> None:
    """The preview's left half is green and its right half blue; it lies on its side, as the sensor does."""
    preview = Image.new("RGB", side, "blue")
    preview.paste((0, 255, 0), (0, 0, side[0] // 2, side[1]))
    found = decode(write_dng(tmp_path / "a.dng", orientation=6, preview=preview))
    assert found.photo.size == size
    pixel = found.photo.getpixel((size[0] // 2, size[1] // 4))
    assert isinstance(pixel, tuple)
    assert ("red", "green", "blue")[int(np.argmax(pixel))] == upper
    assert (found.facts.width, found.facts.height) == (48, 64)


def test_a_preview_that_is_upright_already_is_not_turned_again(tmp_path: Path) -> None:
    preview = Image.new("RGB", (600, 900), "blue")
    found = decode(write_dng(tmp_path / "a.dng", orientation=6, preview=preview))
    assert found.photo.size == (600, 900)


def test_the_orientation_of_the_preview_itself_counts_first(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 8
    preview = Image.new("RGB", (900, 600), "blue")
    preview.paste((0, 255, 0), (0, 0, 450, 600))
    found = decode(write_dng(tmp_path / "a.dng", orientation=6, preview=preview, exif=exif))
    pixel = found.photo.getpixel((300, 800))
    assert found.photo.size == (600, 900)
    assert isinstance(pixel, tuple)
    assert int(np.argmax(pixel)) == 1  # turned the other way, the left half is below


def test_header_alone_gives_the_same_facts(tmp_path: Path) -> None:
    path = write_dng(tmp_path / "a.DNG")
    assert inspect(path).facts == decode(path).facts


def test_a_broken_raw_file_is_one_failure(photos: Path, library: Library, encoder: Encoder) -> None:
    whole = write_dng(photos / "a.dng").read_bytes()
    (photos / "b.cr2").write_bytes(b"II*\0" + b"\0" * 500)
    (photos / "c.nef").write_bytes(whole[:100])
    report = index([photos], library, encoder)
    assert (report.added, report.failed) == (1, 2)
    assert {Path(each.path).name for each in report.failures} == {"b.cr2", "c.nef"}
    assert all(each.reason.startswith("RAW photo that LibRaw cannot read: ") for each in report.failures)
    assert index([photos], library, encoder).failed == 2


def test_a_broken_raw_file_names_itself(tmp_path: Path) -> None:
    (tmp_path / "b.cr2").write_bytes(b"no RAW file at all")
    with pytest.raises(PhotoUnreadable, match=r"b\.cr2: RAW photo that LibRaw cannot read"):
        decode(tmp_path / "b.cr2")


@pytest.fixture
def exif_block() -> Iterator[Image.Exif]:
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = "X100V"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2021:05:03 10:20:30"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.ISOSpeedRatings] = 400
    yield exif


def test_exif_of_makers_with_their_own_letters(exif_block: Image.Exif) -> None:
    tiff = exif_block.tobytes()[6:]
    for letters in (tiff[:4], tiff[:2] + b"RO", tiff[:2] + b"U\0"):  # TIFF, Olympus, Panasonic
        facts = read_raw_exif(BytesIO(letters + tiff[4:]))
        assert (facts.camera, facts.taken_at) == ("X100V", datetime(2021, 5, 3, 10, 20, 30))
        assert read_raw_exposure(BytesIO(letters + tiff[4:])) == Exposure(iso=400)


def test_exif_of_fujifilm_lies_in_its_preview(exif_block: Image.Exif) -> None:
    data = BytesIO()
    Image.new("RGB", (8, 8)).save(data, "JPEG", exif=exif_block)
    raf = b"FUJIFILMCCD-RAW " + b"\0" * 100 + data.getvalue()
    facts = read_raw_exif(BytesIO(raf))
    assert (facts.camera, facts.taken_at) == ("X100V", datetime(2021, 5, 3, 10, 20, 30))
    assert read_raw_exposure(BytesIO(raf)) == Exposure(iso=400)


def test_exif_of_cr3_lies_in_boxes_of_their_own() -> None:
    base, photo = Image.Exif(), Image.Exif()
    base[ExifTags.Base.Model] = "Canon EOS R5"
    photo[ExifTags.Base.DateTimeOriginal] = "2021:05:03 10:20:30"
    photo[ExifTags.Base.ISOSpeedRatings] = 400
    boxes = b"".join(
        (len(tiff) + 8).to_bytes(4, "big") + name + tiff
        for name, tiff in ((b"CMT1", base.tobytes()[6:]), (b"CMT2", photo.tobytes()[6:]))
    )
    cr3 = b"\0\0\0\x18ftypcrx " + b"\0" * 12 + boxes
    facts = read_raw_exif(BytesIO(cr3))
    assert (facts.camera, facts.taken_at) == ("Canon EOS R5", datetime(2021, 5, 3, 10, 20, 30))
    assert read_raw_exposure(BytesIO(cr3)) == Exposure(iso=400)


@pytest.mark.parametrize("head", [b"", b"II*\0", b"\0\0\0\x18ftypcrx ", b"FUJIFILM Exif\0\0II"])
def test_exif_that_is_broken_gives_fewer_facts(head: bytes) -> None:
    assert read_raw_exif(BytesIO(head)).camera is None
    assert read_raw_exposure(BytesIO(head)) == Exposure()


def test_the_exposure_of_a_raw_file_is_asked_of_the_file(tmp_path: Path, exif_block: Image.Exif) -> None:
    path = tmp_path / "a.dng"
    Image.new("RGB", (8, 8)).save(path, "TIFF", exif=exif_block.tobytes())
    assert read_exposure(path, content_hash(path)) == Exposure(iso=400)
    with pytest.raises(PhotoUnreadable, match="holds something else by now"):
        read_exposure(path, "0" * 32)
