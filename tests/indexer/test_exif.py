from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO

import pytest
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from indexer.exif import ExifFacts, read_exif

Base, GPS = ExifTags.Base, ExifTags.GPS
BERLIN: dict[int, object] = {
    GPS.GPSLatitudeRef: "N",
    GPS.GPSLatitude: (IFDRational(52), IFDRational(30), IFDRational(36)),
    GPS.GPSLongitudeRef: "E",
    GPS.GPSLongitude: (IFDRational(13), IFDRational(22), IFDRational(30)),
}


def through_a_file(
    base: dict[int, object] | None = None,
    photo: dict[int, object] | None = None,
    gps: dict[int, object] | None = None,
) -> ExifFacts:
    """Write the tags into a JPEG and read them back."""
    exif = Image.Exif()
    exif.update(base or {})
    exif.get_ifd(ExifTags.IFD.Exif).update(photo or {})
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(gps or {})
    data = BytesIO()
    Image.new("RGB", (2, 2)).save(data, "JPEG", exif=exif)
    with Image.open(data) as image:
        return read_exif(image)


def test_a_photo_that_says_nothing() -> None:
    assert read_exif(Image.new("RGB", (2, 2))) == ExifFacts(1, None, None, None, None)


def test_date_without_a_zone_stays_naive() -> None:
    facts = through_a_file(photo={Base.DateTimeOriginal: "2021:05:03 10:20:30"})
    assert facts.taken_at == datetime(2021, 5, 3, 10, 20, 30)


def test_date_with_offset_and_fraction() -> None:
    facts = through_a_file(
        photo={
            Base.DateTimeOriginal: "2021:05:03 10:20:30",
            Base.SubsecTimeOriginal: "25",
            Base.OffsetTimeOriginal: "-03:30",
        }
    )
    zone = timezone(-timedelta(hours=3, minutes=30))
    assert facts.taken_at == datetime(2021, 5, 3, 10, 20, 30, 250_000, tzinfo=zone)
    assert facts.taken_at.astimezone(UTC).hour == 13


@pytest.mark.parametrize(
    "written", ["0000:00:00 00:00:00", "    :  :     :  :  ", "2021:13:40 10:20:30", "yesterday"]
)
def test_dates_that_are_none(written: str) -> None:
    assert through_a_file(photo={Base.DateTimeOriginal: written}).taken_at is None


def test_a_broken_original_date_leaves_the_digitised_one() -> None:
    facts = through_a_file(
        photo={Base.DateTimeOriginal: "0000:00:00 00:00:00", Base.DateTimeDigitized: "2001-02-03 04:05:06"}
    )
    assert facts.taken_at == datetime(2001, 2, 3, 4, 5, 6)


def test_the_date_of_the_last_save_is_not_the_date_taken() -> None:
    assert through_a_file(base={Base.DateTime: "2021:05:03 10:20:30"}).taken_at is None


@pytest.mark.parametrize("offset", ["", "+25:00", "local", "   :  "])
def test_an_offset_that_cannot_be_read_leaves_the_date_naive(offset: str) -> None:
    facts = through_a_file(
        photo={Base.DateTimeOriginal: "2021:05:03 10:20:30", Base.OffsetTimeOriginal: offset}
    )
    assert facts.taken_at == datetime(2021, 5, 3, 10, 20, 30)


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        ("Canon", "Canon EOS 5D", "Canon EOS 5D"),
        ("NIKON CORPORATION", "NIKON D90", "NIKON D90"),
        ("Apple", "iPhone 12", "Apple iPhone 12"),
        ("SONY  \0", " ILCE-7M3\0\0", "SONY ILCE-7M3"),
        ("Leica", "", "Leica"),
        ("", "X100", "X100"),
        ("  ", "", None),
    ],
)
def test_camera(make: str, model: str, camera: str | None) -> None:
    assert through_a_file(base={Base.Make: make, Base.Model: model}).camera == camera


def test_position_north_east() -> None:
    facts = through_a_file(gps=BERLIN)
    assert facts.latitude == pytest.approx(52.51)  # 52 + 30/60 + 36/3600
    assert facts.longitude == pytest.approx(13.375)  # 13 + 22/60 + 30/3600


def test_position_south_west_is_negative() -> None:
    facts = through_a_file(gps={**BERLIN, GPS.GPSLatitudeRef: "S", GPS.GPSLongitudeRef: "W"})
    assert facts.latitude == pytest.approx(-52.51)
    assert facts.longitude == pytest.approx(-13.375)


@pytest.mark.parametrize(
    "change",
    [
        {GPS.GPSLatitudeRef: "?"},
        {GPS.GPSLatitude: (IFDRational(91), IFDRational(0), IFDRational(0))},
        {GPS.GPSLongitude: (IFDRational(181), IFDRational(0), IFDRational(0))},
        {GPS.GPSLongitude: (IFDRational(1), IFDRational(0, 0), IFDRational(0))},
        {
            GPS.GPSLatitude: (IFDRational(0), IFDRational(0), IFDRational(0)),
            GPS.GPSLongitude: (IFDRational(0), IFDRational(0), IFDRational(0)),
        },
    ],
    ids=["no hemisphere", "beyond the pole", "beyond the date line", "nought over nought", "null island"],
)
def test_positions_that_are_none(change: dict[int, object]) -> None:
    facts = through_a_file(gps={**BERLIN, **change})
    assert (facts.latitude, facts.longitude) == (None, None)


@pytest.mark.parametrize("orientation", [0, 9, 300])
def test_an_orientation_outside_1_to_8_is_upright(orientation: int) -> None:
    assert through_a_file(base={Base.Orientation: orientation}).orientation == 1


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize(
    "block", [b"", b"II", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff", b"\0" * 40, b"junk" * 9]
)
def test_a_broken_block_gives_fewer_facts_and_no_error(block: bytes) -> None:
    data = BytesIO()
    Image.new("RGB", (2, 2)).save(data, "JPEG", exif=b"Exif\0\0" + block)
    with Image.open(data) as image:
        assert read_exif(image) == ExifFacts()


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_every_way_to_cut_or_flip_a_block_is_survived() -> None:
    exif = Image.Exif()
    exif[Base.Make] = "Canon"
    exif.get_ifd(ExifTags.IFD.Exif)[Base.DateTimeOriginal] = "2021:05:03 10:20:30"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(BERLIN)
    whole = exif.tobytes()
    for position in range(6, len(whole)):
        for broken in (whole[:position], whole[:position] + b"\xff" + whole[position + 1 :]):
            image = Image.new("RGB", (2, 2))
            image.info["exif"] = broken
            read_exif(image)


def gps_time(date: str, hours: float, minutes: float, seconds: float) -> dict[int, object]:
    clock = tuple(IFDRational(part) for part in (hours, minutes, seconds))
    return {GPS.GPSDateStamp: date, GPS.GPSTimeStamp: clock}


@pytest.mark.parametrize(
    ("local", "fix", "minutes"),
    [
        ("2021:05:03 10:20:30", ("2021:05:03", 8, 20, 28), 120),  # Berlin in summer
        ("2021:05:03 10:20:30", ("2021:05:03", 4, 50, 30), 330),  # India
        ("2021:05:03 10:20:30", ("2021:05:03", 4, 35, 30), 345),  # Nepal
        ("2021:05:03 20:20:30", ("2021:05:04", 0, 16, 30), -240),  # a fix 4 minutes later, beyond midnight
        ("2021:01:01 02:00:00", ("2020:12:31", 12, 0, 0), 840),  # the Line Islands
        ("2021:05:03 10:20:30", ("2021:05:03", 10, 20, 30), 0),
    ],
)
def test_the_gps_time_gives_the_offset(local: str, fix: tuple[str, int, int, int], minutes: int) -> None:
    facts = through_a_file(photo={Base.DateTimeOriginal: local}, gps=gps_time(*fix))
    assert facts.taken_at is not None
    assert facts.taken_at.utcoffset() == timedelta(minutes=minutes)
    assert facts.taken_at.strftime("%Y:%m:%d %H:%M:%S") == local


@pytest.mark.parametrize(
    "fix",
    [
        ("2021:05:03", 7, 50, 30),  # +2:30 is nowhere: the fix is half an hour old
        ("2021:05:02", 8, 20, 30),  # a day old
        ("2021:05:04", 0, 20, 30),  # -14:00 is nowhere
        ("2021:02:30", 8, 20, 30),
        ("2021:05:03", 25, 20, 30),
        ("", 8, 20, 30),
    ],
)
def test_a_gps_time_that_gives_no_offset(fix: tuple[str, int, int, int]) -> None:
    facts = through_a_file(photo={Base.DateTimeOriginal: "2021:05:03 10:20:30"}, gps=gps_time(*fix))
    assert facts.taken_at == datetime(2021, 5, 3, 10, 20, 30)


def test_the_written_offset_counts_before_the_gps_time() -> None:
    photo: dict[int, object] = {
        Base.DateTimeOriginal: "2021:05:03 10:20:30",
        Base.OffsetTimeOriginal: "+01:00",
    }
    facts = through_a_file(photo=photo, gps=gps_time("2021:05:03", 8, 20, 30))
    assert facts.taken_at is not None
    assert facts.taken_at.utcoffset() == timedelta(hours=1)


def test_utc_as_a_letter() -> None:
    facts = through_a_file(photo={Base.DateTimeOriginal: "2021:05:03 10:20:30", Base.OffsetTimeOriginal: "Z"})
    assert facts.taken_at == datetime(2021, 5, 3, 10, 20, 30, tzinfo=UTC)
