from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from indexer.decode import decode, inspect
from indexer.description import read_description
from storage.records import Description

XMP = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
xmp:Rating="2"><dc:description>in XMP</dc:description></rdf:Description></rdf:RDF></x:xmpmeta>"""


def dataset(record: int, number: int, value: bytes) -> bytes:
    return bytes((0x1C, record, number)) + len(value).to_bytes(2, "big") + value


def photoshop(iptc: bytes) -> bytes:
    """An APP13 segment with one 8BIM resource, 0x0404, the IPTC block."""
    body = (
        b"Photoshop 3.0\0"
        + b"8BIM\x04\x04\0\0"
        + len(iptc).to_bytes(4, "big")
        + iptc
        + b"\0" * (len(iptc) % 2)
    )
    return b"\xff\xed" + (len(body) + 2).to_bytes(2, "big") + body


def jpeg(
    iptc: bytes = b"", xmp: bytes = b"", caption: str | None = None, rating: int | None = None
) -> BytesIO:
    exif = Image.Exif()
    if caption is not None:
        exif[ExifTags.Base.ImageDescription] = caption
    if rating is not None:
        exif[ExifTags.Base.Rating] = rating
    data = BytesIO()
    Image.new("RGB", (2, 2)).save(data, "JPEG", exif=exif, xmp=xmp or None)
    whole = data.getvalue()
    return BytesIO(whole[:2] + (photoshop(iptc) if iptc else b"") + whole[2:])


def described(data: BytesIO) -> Description:
    with Image.open(data) as image:
        return read_description(image)


IPTC = dataset(2, 120, "in IPTC: é".encode()) + dataset(2, 25, b"one") + dataset(2, 25, b"two")


def test_a_photo_that_says_nothing() -> None:
    assert described(jpeg()) == Description()
    assert read_description(Image.new("RGB", (2, 2))) == Description()


def test_iptc_caption_and_keywords() -> None:
    assert described(jpeg(IPTC)) == Description("in IPTC: é", ("one", "two"), None)


def test_iptc_in_latin_1_and_with_one_keyword() -> None:
    iptc = dataset(2, 120, "Café".encode("latin-1")) + dataset(2, 25, b"one")
    assert described(jpeg(iptc)) == Description("Café", ("one",), None)


def test_iptc_that_is_cut_short() -> None:
    assert described(jpeg(IPTC[:-2])).caption in ("in IPTC: é", None)


def test_exif_caption_and_rating() -> None:
    assert described(jpeg(caption="in EXIF", rating=5)) == Description("in EXIF", (), 5)


def test_exif_caption_in_utf_8() -> None:
    data = jpeg(caption="XXXXXX").getvalue().replace(b"XXXXXX", "Café!".encode())
    assert described(BytesIO(data)).caption == "Café!"


@pytest.mark.parametrize("said", ["OLYMPUS DIGITAL CAMERA         ", "SONY DSC", "   "])
def test_what_cameras_write_on_every_photo_is_no_caption(said: str) -> None:
    assert described(jpeg(caption=said)).caption is None


def test_xmp_goes_before_iptc_and_iptc_before_exif() -> None:
    assert described(jpeg(IPTC, XMP, "in EXIF", 5)) == Description("in XMP", ("one", "two"), 2)
    assert described(jpeg(IPTC, b"", "in EXIF", 5)) == Description("in IPTC: é", ("one", "two"), 5)


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".png", ".tif", ".avif", ".heic"])
def test_xmp_in_every_format(photos: Path, suffix: str) -> None:
    path, image = photos / f"a{suffix}", Image.new("RGB", (16, 16))
    if suffix == ".png":
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", XMP.decode())
        image.save(path, pnginfo=info)
    elif suffix == ".tif":
        tags = ImageFileDirectory_v2()
        tags[700] = XMP
        image.save(path, tiffinfo=tags)
    else:
        image.save(path, xmp=XMP)
    assert decode(path).facts.description == Description("in XMP", (), 2)
    assert inspect(path).facts.description == Description("in XMP", (), 2)
