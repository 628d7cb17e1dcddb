import os
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, Table, create_engine, insert, select
from sqlalchemy.types import TypeDecorator

from storage.column_types import CameraTime, PathBytes, PlainText, UtcTime


def round_trip(kind: type[TypeDecorator[Any]], value: object) -> object:
    """The value after a stay in a real SQLite table."""
    table = Table("one", MetaData(), Column("value", kind()))
    engine = create_engine("sqlite://")
    table.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(table).values(value=value))
        found: object = connection.execute(select(table.c.value)).scalar_one()
    engine.dispose()
    return found


@pytest.mark.parametrize("kind", [PathBytes, PlainText, UtcTime, CameraTime])
def test_nothing_stays_nothing(kind: type[TypeDecorator[Any]]) -> None:
    assert round_trip(kind, None) is None


@pytest.mark.parametrize(
    "name", [b"caf\xe9.jpg", "caf\u00e9.jpg".encode(), "cafe\u0301.jpg".encode(), b"a\xff\xfe"]
)
def test_path_bytes_keep_every_byte(name: bytes) -> None:
    assert os.fsencode(str(round_trip(PathBytes, os.fsdecode(name)))) == name


def test_plain_text_spells_out_what_is_no_unicode() -> None:
    assert round_trip(PlainText, "snow \u2603") == "snow \u2603"
    assert round_trip(PlainText, os.fsdecode(b"caf\xe9")) == "caf\\udce9"


def test_utc_time_comes_back_in_utc() -> None:
    in_berlin = datetime(2024, 7, 1, 14, 30, 0, 250_000, tzinfo=timezone(timedelta(hours=2)))
    found = round_trip(UtcTime, in_berlin)
    assert isinstance(found, datetime)
    assert found.isoformat() == "2024-07-01T12:30:00.250000+00:00"
    assert found.tzinfo is UTC


def test_utc_time_refuses_a_time_without_zone() -> None:
    with pytest.raises(Exception, match="2024-07-01T14:30:00 has no time zone"):
        round_trip(UtcTime, datetime(2024, 7, 1, 14, 30))


def test_camera_time_keeps_what_the_camera_showed() -> None:
    assert str(round_trip(CameraTime, datetime(2024, 7, 1, 14, 30))) == "2024-07-01 14:30:00"
    aware = datetime(2024, 7, 1, 14, 30, tzinfo=timezone(timedelta(hours=-8)))
    assert str(round_trip(CameraTime, aware)) == "2024-07-01 14:30:00-08:00"
