"""Counts on the library that `described` in conftest.py lists."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

from storage.facets import Facets
from storage.filters import Box, Filter, Near
from storage.library import Library
from storage.records import ModelRef, NewPhoto

ROME, PARIS, SUVA = "Rome, Lazio, Italy", "Paris, Île-de-France, France", "Suva, Central, Fiji"


def test_all_photos(described: Library) -> None:
    assert described.facets(Filter()) == Facets(
        photos=5,
        folders=(("/disk", 1), ("/photos", 5)),
        months=(("2024-01", 1), ("2023-06", 1), ("2023-05", 1), ("2022-12", 1)),
        cameras=(("Pixel 8", 2), ("Canon EOS R5", 1), ("Canon EOS R5 Mark II", 1)),
        places=((PARIS, 1), (ROME, 1), (SUVA, 1)),
        ratings=((4, 1), (2, 1)),
        kinds=(("photo", 3), ("raw", 1), ("video", 1)),
        tags=(),
        positions={ROME: (41.9, 12.5), PARIS: (48.86, 2.35), SUVA: (-18.14, 178.44)},
    )


def test_each_field_is_counted_under_the_others(described: Library) -> None:
    facets = described.facets(Filter(cameras=("pixel",), kinds=("video",)))
    assert facets.photos == 1
    assert facets.cameras == (("Pixel 8", 1),)  # the videos
    assert facets.kinds == (("photo", 1), ("video", 1))  # what the Pixel took
    assert facets.months == (("2024-01", 1),)
    assert facets.folders == (("/photos", 1),)


def test_both_dates_are_one_field_and_so_is_all_that_says_where(described: Library) -> None:
    facets = described.facets(Filter(taken_from=date(2023, 1, 1), taken_to=date(2023, 12, 31)))
    assert facets.photos == 2
    assert len(facets.months) == 4
    facets = described.facets(Filter(near=Near(41.9, 12.5, 1), places=("rome",)))
    assert (facets.photos, len(facets.places)) == (1, 3)
    facets = described.facets(Filter(box=Box(-20, 170, 0, 180)))
    assert (facets.photos, len(facets.places), len(facets.positions)) == (1, 3, 3)


def test_tags_are_counted_under_the_tags_that_are_chosen(described: Library) -> None:
    """Photos are to have all of several tags, so that another one leaves fewer."""
    ids = [int(each) for each in described.present_photo_ids()]
    described.tags.give(ids[:3], "sea")
    described.tags.give(ids[1:4], "boat")
    described.tags.propose("m" * 16, {ids[0]: {"sky": 0.5, "boat": 0.4}, ids[4]: {"sea": 0.9}})
    described.tags.take(ids[4:], "sea")
    assert described.facets(Filter()).tags == (("boat", 4), ("sea", 3), ("sky", 1))
    facets = described.facets(Filter(tags=("sky",)))
    assert (facets.photos, facets.tags) == (1, (("boat", 1), ("sea", 1), ("sky", 1)))
    described.tags.take(ids, "boat")
    assert described.facets(Filter()).tags == (("sea", 3), ("sky", 1))


def test_the_folders_in_a_folder(described: Library) -> None:
    nothing = Filter()
    assert described.facets(nothing, "/photos").folders == (("/photos/2023", 3), ("/photos/2024", 2))
    assert described.facets(nothing, "/photos/2023").folders == (
        ("/photos/2023/aXb", 1),
        ("/photos/2023/a_b", 1),
    )
    assert described.facets(nothing, "/photos/2024").folders == ()
    assert described.facets(nothing, "/").folders == (("/disk", 1), ("/photos", 5))
    assert described.facets(Filter(folders=("/disk",), kinds=("raw",)), "/photos").folders == (
        ("/photos/2023", 1),
    )


def test_a_root_in_a_root_is_a_folder_in_it(
    library: Library, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    library.add_root(Path("/photos/a/deep"))
    x = [1, 0, 0, 0]
    # Photo 1 lies in both roots, and counts once for the folder a.
    library.add(model, [photo("/photos/a/1", "h1", x), photo("/photos/a/deep/1", "h1", x)])
    library.add(model, [photo("/photos/a/deep/er/2", "h2", x), photo("/photos/3", "h3", x)])
    for inside, folders in (
        (None, (("/photos", 3),)),
        ("/photos", (("/photos/a", 2),)),
        ("/photos/a", (("/photos/a/deep", 2),)),
        ("/photos/a/deep", (("/photos/a/deep/er", 1),)),
    ):
        assert library.facets(Filter(), inside).folders == folders


def test_a_folder_whose_name_is_no_text(
    library: Library, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    odd = os.fsdecode(b"/photos/caf\xe9")
    library.add(model, [photo(f"{odd}/1.jpg", "h1", [1, 0, 0, 0])])
    assert library.facets(Filter(), "/photos").folders == ((odd, 1),)


def test_counts_follow_what_changes(described: Library) -> None:
    assert described.facets(Filter()).kinds[0] == ("photo", 3)
    described.mark_missing(["/photos/2023/aXb/plain.jpg"])
    facets = described.facets(Filter(), "/photos")
    assert facets.kinds[0] == ("photo", 2)
    assert facets.folders == (("/photos/2023", 2), ("/photos/2024", 2))


def test_what_was_counted_is_not_counted_again(described: Library) -> None:
    counted = described.facets(Filter(rating=2), "/photos")
    assert described.facets(Filter(rating=2), "/photos") is counted
    for number in range(100):
        assert described.facets(Filter(places=(f"nowhere {number}",))).photos == 0
    assert described.facets(Filter(rating=2), "/photos") == counted


def test_another_program_s_change_is_seen(described: Library) -> None:
    with Library.open(described.folder) as reader:
        assert reader.facets(Filter()).photos == 5
        described.mark_missing(["/photos/2023/aXb/plain.jpg"])
        assert reader.facets(Filter()).photos == 4


def test_more_folders_than_are_kept(described: Library) -> None:
    for number in range(20):
        assert described.facets(Filter(), f"/photos/none{number}").folders == ()
    assert described.facets(Filter(), "/photos/2023").folders[0] == ("/photos/2023/aXb", 1)


def test_an_empty_library(library: Library) -> None:
    assert library.facets(Filter()) == Facets(0, (), (), (), (), (), (), ())
