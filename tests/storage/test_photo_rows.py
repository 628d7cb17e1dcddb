from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from storage.library import Library
from storage.records import Description, FileState, ModelRef, NewPhoto, PhotoFacts, Place

MakePhoto = Callable[..., NewPhoto]
VECTOR = (1, 0, 0, 0)


def described(photo: NewPhoto, own: Description, sidecar: Description = Description()) -> NewPhoto:  # noqa: B008
    return replace(photo, facts=replace(photo.facts, description=own), sidecar=sidecar)


def test_every_fact_comes_back(library: Library, model: ModelRef) -> None:
    facts = PhotoFacts(
        "h", 6000, 4000, "CR3",
        taken_at=datetime(2021, 5, 3), camera="Canon EOS R5", latitude=60.4, longitude=5.3,
        description=Description("Grandma, 90", ("family", "Ærø"), 5), duration_s=12.5, phash=-(2**63),
    )  # fmt: skip
    import numpy as np

    library.add(model, [NewPhoto(FileState("/photos/a", 1, 1), facts, np.array(VECTOR, np.float32))])
    found = library.photos([1])[1]
    assert (found.caption, found.keywords, found.rating) == ("Grandma, 90", ("family", "Ærø"), 5)
    assert (found.duration_s, found.phash) == (12.5, -(2**63))
    assert found.place is None


@pytest.mark.parametrize(
    ("own", "sidecar", "expected"),
    [
        (Description("own", ("a",), 1), Description(), ("own", ("a",), 1)),
        (Description("own", ("a",), 1), Description("beside", ("b", "c"), 0), ("beside", ("b", "c"), 0)),
        (Description("own", ("a",), 1), Description(rating=-1), ("own", ("a",), -1)),
        (Description(), Description(keywords=("b",)), (None, ("b",), None)),
    ],
)
def test_a_sidecar_goes_before_the_file_itself(
    library: Library,
    model: ModelRef,
    photo: MakePhoto,
    own: Description,
    sidecar: Description,
    expected: tuple[str | None, Sequence[str], int | None],
) -> None:
    library.add(model, [described(photo("/photos/a", "h", VECTOR), own, sidecar)])
    found = library.photos([1])[1]
    assert (found.caption, found.keywords, found.rating) == expected


def test_of_two_copies_the_first_that_says_something_counts(
    library: Library, model: ModelRef, photo: MakePhoto
) -> None:
    one, two = photo("/photos/a", "h", VECTOR), photo("/photos/b", "h", VECTOR)
    library.add(model, [one, replace(two, sidecar=Description("beside b", rating=3))])
    assert library.photos([1])[1].caption == "beside b"
    library.add(model, [replace(one, sidecar=Description("beside a"))])
    found = library.photos([1])[1]
    assert (found.caption, found.rating) == ("beside a", 3)
    library.add(model, [one])  # its sidecar is gone again
    assert library.photos([1])[1].caption == "beside b"


def test_a_known_content_keeps_its_facts_and_gains_what_it_lacked(
    library: Library, model: ModelRef, photo: MakePhoto
) -> None:
    first = photo("/photos/a", "h", VECTOR)
    library.add(model, [replace(first, facts=replace(first.facts, camera="Leica", phash=7))])
    later = replace(first.facts, camera="Other", description=Description("new", ("k",), 2))
    library.add(model, [replace(first, facts=later)])
    found = library.photos([1])[1]
    assert (found.camera, found.phash, found.caption, found.keywords) == ("Leica", 7, "new", ("k",))


def test_the_state_of_a_sidecar_comes_back(library: Library, model: ModelRef, photo: MakePhoto) -> None:
    new = photo("/photos/a", "h", VECTOR)
    library.add(model, [replace(new, file=FileState("/photos/a", 1, 1, sidecar_ns=3 * 10**18))])
    assert library.known_files("/photos")["/photos/a"].sidecar_ns == 3 * 10**18


def test_places_are_looked_up_once(
    library: Library, model: ModelRef, photo: MakePhoto, tmp_path: Path
) -> None:
    for name, latitude in (("a", 60.4), ("b", None), ("c", 30.0)):
        new = photo(f"/photos/{name}", name, VECTOR)
        library.add(model, [replace(new, facts=replace(new.facts, latitude=latitude, longitude=5.0))])
    assert library.without_place(1) == {1: (60.4, 5.0)}
    assert library.without_place(9) == {1: (60.4, 5.0), 3: (30.0, 5.0)}
    library.set_places({1: Place("Bergen", "NO"), 3: None})
    assert library.without_place(9) == {}
    found = library.photos([1, 2, 3])
    assert [found[each].place for each in (1, 2, 3)] == [Place("Bergen", "NO"), None, None]


def test_a_photo_by_the_path_of_its_file(library: Library, model: ModelRef, photo: MakePhoto) -> None:
    library.add(model, [photo("/photos/a", "h", VECTOR, size=7), photo("/photos/b", "h", VECTOR, size=7)])
    found = library.photo_at("/photos/b")
    assert found is not None
    assert (found.photo_id, found.paths, found.size) == (1, ("/photos/a", "/photos/b"), 7)
    library.mark_missing(["/photos/a", "/photos/b"])
    gone = library.photo_at("/photos/b")
    assert gone is not None
    assert (gone.paths, gone.size) == ((), 0)
    assert library.photo_at("/photos/c") is None
    assert library.photo_at("/elsewhere/a") is None
