"""How values that SQL has no faithful type for are stored, so that they come back as they went in."""

import os
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, LargeBinary, String
from sqlalchemy.types import TypeDecorator


class PathBytes(TypeDecorator[str]):
    """A path as the bytes the file system gave.

    A name that is not UTF-8 reaches Python as surrogate escapes, which no text column takes; and two names
    that differ only in Unicode normalisation must stay two.
    """

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Bytes for the database."""
        return None if value is None else os.fsencode(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        """The path as `os.fsdecode` gives it."""
        return None if value is None else os.fsdecode(value)


class PlainText(TypeDecorator[str]):
    """Text for people to read; what is no Unicode, as in a file name within a message, is spelled out."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Text that can be written as UTF-8."""
        return None if value is None else value.encode("utf-8", "backslashreplace").decode("utf-8")


class UtcTime(TypeDecorator[datetime]):
    """A moment, aware, in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC.

        Raises:
            ValueError: The value has no time zone, so it is no moment.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone; moments are stored in UTC")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment, aware."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class CameraTime(TypeDecorator[datetime]):
    """What a camera's clock showed, as ISO 8601 text: naive stays naive, an offset stays that offset."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """ISO 8601 text, which sorts by the clock."""
        return None if value is None else value.isoformat()

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """The clock's reading."""
        return None if value is None else datetime.fromisoformat(value)
