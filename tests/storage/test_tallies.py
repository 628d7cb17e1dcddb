"""Photos counted by folder, month, camera and format; only those that are there count."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from storage.library import Library
from storage.records import Failure, ModelRef, NewPhoto
from storage.tallies import FolderTally

X = [1, 0, 0, 0]
GONE_AT = datetime(2024, 6, 1, tzinfo=UTC)


def shot(photo: NewPhoto, taken_at: datetime | None, camera: str | None, form: str = "JPEG") -> NewPhoto:
    return replace(photo, facts=replace(photo.facts, taken_at=taken_at, camera=camera, format=form))


def test_folders_are_counted_by_what_lies_in_them(
    library: Library, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    library.add_root(Path("/photos/raw"))
    library.add(model, [photo("/photos/a", "h1", X), photo("/photos/b", "h2", X)])
    library.add(model, [photo("/photos/raw/c", "h3", X)])
    library.mark_missing(["/photos/b"], GONE_AT)
    library.add_failures([Failure("/photos/raw/d", "truncated", GONE_AT, 1, 1)])
    assert library.tallies.folders() == [
        FolderTally("/photos", files=1, missing=1, failures=0),
        FolderTally("/photos/raw", files=1, missing=0, failures=1),
    ]


def test_shots_by_month_camera_and_format(
    library: Library, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    may = datetime(2024, 5, 31, 23, 30)
    # The camera's own clock decides, so this is May although it is June in UTC.
    west = datetime(2024, 5, 31, 20, 0, tzinfo=timezone(timedelta(hours=-9)))
    library.add(
        model,
        [
            shot(photo("/photos/a", "a", X), may, "Leica Q"),
            shot(photo("/photos/b", "b", X), west, "Canon"),
            shot(photo("/photos/c", "c", X), datetime(2023, 1, 1), "Leica Q", "PNG"),
            shot(photo("/photos/d", "d", X), None, None),
            shot(photo("/photos/gone", "gone", X), may, "Sony"),
        ],
    )
    library.mark_missing(["/photos/gone"])
    shots = library.tallies.shots()
    assert shots.months == (("2023-01", 1), ("2024-05", 2))
    assert shots.cameras == (("Leica Q", 2), ("Canon", 1))
    assert shots.formats == (("JPEG", 3), ("PNG", 1))
