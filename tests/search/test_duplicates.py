from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from search.duplicates import NEAR_BITS, NEIGHBOURS, differing_bits, find_duplicates
from storage.library import Library
from storage.records import FileState, ModelRef, NewPhoto, PhotoFacts

MODEL = ModelRef("f" * 16, "by-hand", 8)
NOON = datetime(2024, 5, 1, 12)


def no_hash(path: str) -> int | None:
    raise AssertionError(f"the hash of {path} was kept, and is asked for again")


class Album:
    """A library to fill by hand; a vector is given by its cosine with the first axis, the rest on another."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def put(
        self,
        name: str,
        cosine: float = 1.0,
        *,
        content: str | None = None,
        phash: int | None = 0,
        width: int = 40,
        size: int = 1,
        camera: str | None = None,
        seconds: float | None = None,
        axis: int = 1,
    ) -> int:
        vector = np.zeros(MODEL.dim, np.float32)
        vector[0], vector[axis] = cosine, np.sqrt(1 - cosine**2)
        taken = None if seconds is None else NOON + timedelta(seconds=seconds)
        facts = PhotoFacts(content or name, width, 30, "JPEG", taken, camera, phash=phash)
        return self.library.add(MODEL, [NewPhoto(FileState(f"/photos/{name}", size, 1), facts, vector)])[0]

    def groups(self, fingerprint: Callable[[str], int | None] = no_hash) -> list[tuple[str, list[str]]]:
        found = find_duplicates(self.library, MODEL, fingerprint)
        return [
            (group.kind, [path for photo in group.photos for path in names(photo.paths)]) for group in found
        ]


def names(paths: Sequence[str]) -> list[str]:
    return [Path(path).name for path in paths]


@pytest.fixture
def album(tmp_path: Path) -> Iterator[Album]:
    with Library.open(tmp_path / "library", create=True, write=True) as library:
        library.add_root(Path("/photos"))
        yield Album(library)


def bits(count: int) -> int:
    return (1 << count) - 1


def test_nothing_twice(album: Album) -> None:
    album.put("a.jpg", 1.0, phash=0)
    album.put("b.jpg", 0.0, phash=0)  # equal hashes alone are not enough, as of two black photos
    album.put("c.jpg", 1.0, phash=-1)  # equal embeddings alone are not enough
    assert album.groups() == []


def test_the_same_bytes_twice_are_copies(album: Album) -> None:
    album.put("b.jpg", content="h")
    album.put("a.jpg", content="h")
    assert album.groups() == [("copies", ["a.jpg", "b.jpg"])]


def test_versions_of_a_photo_with_the_largest_first(album: Album) -> None:
    album.put("a.jpg", 1.0, phash=0, width=40)
    album.put("b.jpg", 0.95, phash=bits(NEAR_BITS), width=80, size=5)
    album.put("c.jpg", 0.95, phash=bits(NEAR_BITS), width=80, size=9)
    album.put("d.jpg", 0.95, phash=bits(NEAR_BITS) << 40, width=10, axis=2)  # 8 from a, 16 from b and c
    album.put("e.jpg", 0.95, phash=bits(NEAR_BITS + 1) << 20, axis=3)
    assert album.groups() == [("near-duplicates", ["c.jpg", "b.jpg", "a.jpg", "d.jpg"])]


def test_shots_of_one_camera_within_three_seconds(album: Album) -> None:
    hashes = (0, -1, 0x0F0F0F0F0F0F0F0F, 0x00FF00FF00FF00FF, 0x3333333333333333)
    for name, seconds, phash in zip("abcde", (0, 3, 6, 9.5, 1), hashes, strict=True):
        album.put(name, phash=phash, camera="M11" if name == "e" else "R5", seconds=seconds)
    album.put("f", 0.5, camera="R5", seconds=2)  # the camera was turned to something else
    assert album.groups() == [("burst", ["a", "b", "c"])]


def test_a_burst_is_not_taken_for_versions_of_one_photo(album: Album) -> None:
    album.put("a.jpg", camera="R5", seconds=0)
    album.put("b.jpg", camera="R5", seconds=1)
    assert album.groups() == [("burst", ["a.jpg", "b.jpg"])]


def test_at_the_same_second_the_picture_decides(album: Album) -> None:
    album.put("a.jpg", camera="R5", seconds=0, width=80)
    album.put("a-small.jpg", camera="R5", seconds=0, phash=1)
    album.put("b.jpg", camera="R5", seconds=0, phash=-1)
    assert album.groups() == [
        ("near-duplicates", ["a.jpg", "a-small.jpg"]),
        ("burst", ["a.jpg", "a-small.jpg", "b.jpg"]),
    ]


def test_one_clock_with_and_without_its_offset(album: Album) -> None:
    first = album.put("a.jpg", camera="R5", seconds=0, phash=0)
    assert first == 1
    facts = PhotoFacts("b", 40, 30, "JPEG", NOON.replace(tzinfo=UTC), "R5", phash=-1)
    vector = np.eye(MODEL.dim, dtype=np.float32)[0]
    album.library.add(MODEL, [NewPhoto(FileState("/photos/b.jpg", 1, 1), facts, vector)])
    assert album.groups() == [("burst", ["a.jpg", "b.jpg"])]


def test_photos_that_are_gone_are_in_no_group(album: Album) -> None:
    album.put("a.jpg", content="h")
    album.put("b.jpg", content="h")
    album.put("c.jpg", content="i")
    album.library.mark_missing(["/photos/b.jpg", "/photos/c.jpg"])
    assert album.groups() == []


def test_a_hash_that_was_not_kept_is_asked_for(album: Album) -> None:
    album.put("a.jpg", phash=5)
    album.put("b.jpg", phash=None)
    album.put("c.jpg", 0.0, phash=None)  # far from everything: never asked for
    assert album.groups({"/photos/b.jpg": 5}.__getitem__) == [("near-duplicates", ["a.jpg", "b.jpg"])]
    assert album.groups(lambda path: None) == []


def test_more_versions_than_neighbours_are_one_group(album: Album) -> None:
    many = 3 * NEIGHBOURS
    for number in range(many):
        # Along a quarter of a circle, so that nobody's nearest are the same for all.
        album.put(f"{number:03}.jpg", float(np.cos(number / many)))
    [(kind, found)] = album.groups()
    assert (kind, len(found)) == ("near-duplicates", many)


def test_an_empty_library_of_this_model(album: Album) -> None:
    assert find_duplicates(album.library, MODEL, no_hash) == []


def test_differing_bits() -> None:
    assert (
        differing_bits(0, 0),
        differing_bits(0, -1),
        differing_bits(-(2**63), 0),
        differing_bits(5, 6),
    ) == (
        0,
        64,
        1,
        2,
    )


def test_records_without_paths_are_no_relation(album: Album) -> None:
    from search.duplicates import relation

    album.put("a.jpg")
    here = album.library.photos([1])[1]
    assert relation(here, replace(here, paths=()), no_hash) is None
