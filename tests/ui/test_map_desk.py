"""A map drawn in a thread, kept in the library folder, and known to be of an older library."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from storage.library import Library
from storage.opening import BACKGROUND
from storage.records import FileState, ModelRef, NewPhoto, PhotoFacts
from ui import map_desk
from ui.map_desk import MapDesk, key_of

MODEL = ModelRef("0011", "tiny", 3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A library of three photos, each on an axis of its own."""
    with Library.open(tmp_path / "library", create=True, write=True) as library:
        library.add_root(Path("/photos"))
        for number, vector in enumerate(np.eye(3, dtype=np.float32), 1):
            facts = PhotoFacts(f"h{number}", 40, 30, "JPEG")
            library.add(MODEL, [NewPhoto(FileState(f"/photos/{number}.jpg", 1, 1), facts, vector)])
    return tmp_path / "library"


def wait(desk: MapDesk) -> None:
    for thread in threading.enumerate():
        if thread.name == map_desk.THREAD:
            thread.join(60)
    assert not desk.is_drawing()


def test_a_map_is_drawn_and_found_by_the_next_server(folder: Path) -> None:
    desk = MapDesk(folder)
    assert desk.latest(MODEL) is None
    with Library.open(folder) as library:
        desk.draw(library, MODEL)
        wait(desk)
        assert desk.problem == ""
        drawn, again = desk.latest(MODEL), MapDesk(folder).latest(MODEL)
        assert drawn is not None and again is not None
        assert drawn.photo_ids.tolist() == again.photo_ids.tolist() == [1, 2, 3]
        assert (drawn.points == again.points).all()
        assert drawn.key == again.key == key_of(library.present_photo_ids(), MODEL)


def test_the_key_is_another_one_when_a_photo_goes(folder: Path) -> None:
    with Library.open(folder, write=True) as library:
        before = key_of(library.present_photo_ids(), MODEL)
        library.mark_missing(["/photos/2.jpg"])
        assert key_of(library.present_photo_ids(), MODEL) != before


def test_what_goes_wrong_is_kept_to_be_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(vectors: object) -> None:
        raise MemoryError("no memory for a map")

    monkeypatch.setattr(map_desk, "positions", fail)
    desk = MapDesk(folder)
    with Library.open(folder) as library:
        desk.draw(library, MODEL)
        wait(desk)
    assert desk.problem == "no memory for a map"
    assert desk.latest(MODEL) is None


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"[1, 2]"])
def test_a_file_that_is_no_map_is_none(folder: Path, content: bytes) -> None:
    (folder / BACKGROUND).mkdir()
    (folder / BACKGROUND / "map-0011.npz").write_bytes(content)
    assert MapDesk(folder).latest(MODEL) is None


def test_a_map_of_another_shape_is_none(folder: Path) -> None:
    (folder / BACKGROUND).mkdir()
    with (folder / BACKGROUND / "map-0011.npz").open("wb") as file:
        np.savez(file, photo_ids=np.arange(3), points=np.zeros((2, 2)), key=np.array("k"))
    assert MapDesk(folder).latest(MODEL) is None
