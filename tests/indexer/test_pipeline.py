"""Runs without faults: what is added, skipped, moved, copied, and how often the model is asked."""

from __future__ import annotations

import copy
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image

from indexer.errors import FolderNotFound, NoPhotos
from indexer.pipeline import Encoder, index
from indexer.report import Progress, Report
from indexer.workers import Workers
from storage.library import Library
from storage.records import ModelRef

Save = Callable[..., Path]


class Counting(Encoder, Protocol):
    fingerprint: str
    seen: int


def counts(report: Report) -> dict[str, int]:
    """The counts that are not nought."""
    names = ("added", "changed", "unchanged", "moved", "copies", "failed", "missing", "embedded")
    return {name: getattr(report, name) for name in names if getattr(report, name)}


def ref(model: Encoder) -> ModelRef:
    return ModelRef(model.fingerprint, model.name, model.dim)


def present(library: Library, folder: Path) -> list[list[str]]:
    """The present files of every photo, relative to the folder."""
    photos = library.photos(library.present_photo_ids().tolist()).values()
    return sorted([os.path.relpath(path, folder) for path in photo.paths] for photo in photos)


def find(library: Library, model: Encoder, colour: tuple[int, int, int]) -> list[tuple[str, float]]:
    """Every photo's file name and score for a plain photo of this colour, best first."""
    query = model.embed_images(model.preprocessor.crop_of(Image.new("RGB", (4, 4), colour))[None])
    (scores,), (ids,) = library.index(ref(model)).search(query, 10)
    photos = library.photos(ids.tolist())
    names = [Path(photos[photo_id].paths[0]).name for photo_id in ids.tolist()]
    return list(zip(names, np.round(scores, 3).astype(np.float64).round(3).tolist(), strict=True))


def test_photos_in_all_folders_get_exact_scores(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    save("b.png", (255, 0, 0))
    save("a/c.png", (0, 0, 255))
    save("a/d/e.png", (255, 0, 255))
    report = index([photos], library, encoder, batch_size=2)
    assert counts(report) == {"added": 3, "embedded": 3}
    assert not report.interrupted
    assert present(library, photos) == [["a/c.png"], ["a/d/e.png"], ["b.png"]]
    # Purple is halfway between red and blue: the cosine of 45 degrees.
    assert find(library, encoder, (255, 0, 0)) == [("b.png", 1.0), ("e.png", 0.707), ("c.png", 0.0)]
    assert library.roots() == [str(photos)]


def test_facts_reach_the_library(photos: Path, library: Library, encoder: Counting) -> None:
    exif = Image.Exif()
    exif.update({ExifTags.Base.Orientation: 6, ExifTags.Base.Model: "X100"})
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (52.5, 0.0, 0.0), 3: "W", 4: (0.5, 0.0, 0.0)})
    Image.new("RGB", (8, 4), "red").save(photos / "a.jpg", exif=exif)
    index([photos], library, encoder)
    photo = library.photos([1])[1]
    assert (photo.width, photo.height, photo.format) == (4, 8, "JPEG")
    assert (photo.camera, photo.latitude, photo.longitude) == ("X100", 52.5, -0.5)


def test_another_model_embeds_every_photo_once(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    path = save("a.png", "red")
    shutil.copy(path, photos / "copy.png")
    save("b.png", "blue")
    index([photos], library, encoder)
    other = copy.copy(encoder)
    other.fingerprint = "u" * 16
    report = index([photos], library, other)
    assert counts(report) == {"unchanged": 3, "embedded": 2}
    assert find(library, other, (255, 0, 0)) == [("a.png", 1.0), ("b.png", 0.0)]
    assert counts(index([photos], library, other)) == {"unchanged": 3}


def test_a_folder_twice_and_inside_another_is_walked_once(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    save("a/b.png")
    report = index([photos / "a", photos, photos], library, encoder)
    assert counts(report) == {"added": 1, "embedded": 1}
    assert library.roots() == [str(photos)]


def test_a_folder_of_the_library_indexed_alone_leaves_the_others_as_they_are(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    save("a/1.png", "red")
    save("b/2.png", "blue").with_name("3.png")
    index([photos], library, encoder)
    shutil.rmtree(photos / "b")
    save("a/4.png", "lime")
    assert counts(index([photos / "a"], library, encoder)) == {"added": 1, "unchanged": 1, "embedded": 1}
    assert library.roots() == [str(photos)]


def test_a_folder_around_one_of_the_library_knows_its_files(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    save("a/1.png", "red")
    index([photos / "a"], library, encoder)
    save("2.png", "blue")
    assert counts(index([photos], library, encoder)) == {"added": 1, "unchanged": 1, "embedded": 1}
    assert counts(index([photos], library, encoder)) == {"unchanged": 2}


def test_the_library_may_lie_inside_the_photos(photos: Path, save: Save, encoder: Counting) -> None:
    save("a.png")
    with Library.open(photos / "library", create=True, write=True) as library:
        Image.new("RGB", (4, 4), "blue").save(photos / "library" / "thumbnail.png")
        assert counts(index([photos], library, encoder)) == {"added": 1, "embedded": 1}


def test_a_folder_that_is_not_there_stops_everything_before_it_begins(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    save("a.png")
    with pytest.raises(FolderNotFound, match="gone"):
        index([photos, photos / "gone"], library, encoder)
    assert library.roots() == []
    assert library.status().last_run is None


def test_folders_without_any_photo(photos: Path, library: Library, encoder: Counting) -> None:
    (photos / "notes.txt").touch()
    with pytest.raises(NoPhotos, match=str(photos)):
        index([photos], library, encoder)
    assert library.roots() == []


def test_a_file_name_that_is_not_utf8(photos: Path, save: Save, library: Library, encoder: Counting) -> None:
    os.rename(os.fsencode(save("a.png")), os.fsencode(photos) + b"/caf\xe9.png")
    assert counts(index([photos], library, encoder)) == {"added": 1, "embedded": 1}
    assert counts(index([photos], library, encoder)) == {"unchanged": 1}


def test_progress_of_every_batch(photos: Path, save: Save, library: Library, encoder: Counting) -> None:
    for number in range(5):
        save(f"{number}.png", (number, 0, 1))
    (photos / "bad.jpg").touch()
    told: list[Progress] = []
    index([photos], library, encoder, batch_size=4, on_progress=told.append)
    assert [(each.total, each.done, each.failed) for each in told] == [
        (None, 0, 0),
        (6, 0, 0),
        (6, 2, 0),
        (6, 4, 0),
        (6, 6, 1),
    ]
    assert told[-1].seconds_left == 0
    assert told[-1].photos_per_second > 0


def test_few_photos_are_in_memory_however_slow_the_model_is(
    photos: Path,
    save: Save,
    library: Library,
    encoder: Counting,
    threads: Workers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(40):
        save(f"{number:02}.png", (number, 0, 1))
    lock, held, most = threading.Lock(), 0, 0
    crop_of, embed = encoder.preprocessor.crop_of, encoder.embed_images

    def count_in(photo: Image.Image) -> NDArray[np.uint8]:
        nonlocal held, most
        with lock:
            held += 1
            most = max(most, held)
        return crop_of(photo)

    def count_out(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        nonlocal held
        with lock:
            held -= len(crops)
        return embed(crops)

    monkeypatch.setattr(encoder.preprocessor, "crop_of", count_in)
    monkeypatch.setattr(encoder, "embed_images", count_out)
    assert index([photos], library, encoder, batch_size=4, workers=threads).added == 40
    assert most <= 10  # two half batches on their way to the model, one ahead, and one more a worker


def test_a_batch_of_none_is_refused(photos: Path, library: Library, encoder: Counting) -> None:
    with pytest.raises(ValueError, match="batch_size"):
        index([photos], library, encoder, batch_size=0)


def test_the_run_is_kept(photos: Path, save: Save, library: Library, encoder: Counting) -> None:
    save("a.png")
    index([photos], library, encoder)
    run = library.status().last_run
    assert run is not None
    assert run.status == "complete"
    assert {name: count for name, count in run.counts.items() if count} == {"added": 1, "embedded": 1}
