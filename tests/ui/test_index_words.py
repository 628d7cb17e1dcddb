"""What is said of a search index that is not what it should be."""

from __future__ import annotations

from pathlib import Path

from storage.index_file import IndexLag
from ui.index_words import NOTICED, said
from ui.settings import Settings

SETTINGS = Settings(library=Path("/library"), model="mini", device="cpu")


def words(lag: IndexLag, not_embedded: dict[str, int] | None = None) -> list[str]:
    return list(said(lag, not_embedded or {}, "mini", SETTINGS))


def test_nothing_is_said_where_all_is_well_or_soon_will_be() -> None:
    assert words(IndexLag()) == []
    assert words(IndexLag(embedded=100_000, lacking=NOTICED)) == []


def test_a_file_far_behind() -> None:
    (told,) = words(IndexLag(embedded=100_000, lacking=90_000))
    assert "lacks 90,000 of 100,000 photos" in told
    assert told.endswith(SETTINGS.command("index FOLDER"))


def test_a_damaged_file_is_mended_by_doctor_however_small() -> None:
    (told,) = words(IndexLag(embedded=3, lacking=3, damaged=True))
    assert "damaged or gone" in told
    assert told.endswith(SETTINGS.command("doctor"))


def test_photos_that_no_caption_finds() -> None:
    (told,) = words(IndexLag(embedded=3), {"/b": 1, "/a": 2})
    assert told.startswith("Photos that are not in the search index of mini yet: 3, in /a, /b. No caption")
