"""The list of duplicates that is exported."""

from __future__ import annotations

import os

from search.duplicates import Group
from storage.records import PhotoRecord
from ui.web_pages.duplicates_section import as_csv


def photo(number: int, *paths: str) -> PhotoRecord:
    return PhotoRecord(number, paths, f"h{number}", 40, 30, "JPEG", None, None, None, None, size=number * 100)


def test_one_file_of_a_group_is_to_be_kept() -> None:
    groups = [
        Group("copies", (photo(1, "/a", "/b, c"),)),
        Group("near-duplicates", (photo(2, "/d"), photo(3, "/e", "/f"))),
    ]
    assert as_csv(groups).decode().splitlines() == [
        "group,kind,keep,path,width,height,bytes",
        "1,copies,yes,/a,40,30,100",
        '1,copies,no,"/b, c",40,30,100',
        "2,near-duplicates,yes,/d,40,30,200",
        "2,near-duplicates,no,/e,40,30,300",
        "2,near-duplicates,no,/f,40,30,300",
    ]


def test_a_name_that_is_not_utf_8_keeps_its_bytes() -> None:
    assert b"/caf\xe9.jpg" in as_csv([Group("copies", (photo(1, os.fsdecode(b"/caf\xe9.jpg")),))])
