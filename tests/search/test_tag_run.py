"""A run that tags photos of a real library, in batches, and stops when asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from search.tag_run import BATCH, TagRun, tag_photos
from storage.records import Failure

FAILURE = Failure("/photos/broken.jpg", "truncated", datetime(2024, 1, 1, tzinfo=UTC), 0, 0)
Crop = NDArray[np.uint8]


class Level:
    """A tagger for which a photo is "bright" as far as its only pixel is, and black ones are nothing."""

    model = "f" * 16

    def tags(self, crops: Crop) -> list[dict[str, float]]:
        return [{"bright": level / 255} if level else {} for level in crops[:, 0, 0, 0].tolist()]


def crop(level: int) -> Crop:
    return np.full((1, 1, 3), level, np.uint8)


@pytest.fixture
def tagger() -> Any:
    return Level()


def test_every_photo_is_noted_and_a_bad_one_reported(shelf: Any, tagger: Any) -> None:
    ids = [shelf.put(f"{name}.png") for name in "abc"]
    told: list[tuple[int, int]] = []
    photos: list[tuple[int, Crop | Failure]] = [(ids[0], crop(51)), (ids[1], FAILURE), (ids[2], crop(0))]
    done = tag_photos(shelf.library, tagger, photos, on_progress=lambda *counts: told.append(counts))
    assert done == TagRun(2, 1, (FAILURE,), interrupted=False)
    [tag] = shelf.library.tags.of(ids)[ids[0]]
    assert (tag.word, tag.score, tag.model) == ("bright", 0.2, "f" * 16)
    assert [photo_id for photo_id, _ in shelf.library.tags.untagged("f" * 16)] == [ids[1]]
    assert told == [(3, 1)]


def test_nothing_to_do(shelf: Any, tagger: Any) -> None:
    assert tag_photos(shelf.library, tagger, []) == TagRun(0, 0, (), interrupted=False)


def test_a_run_that_is_stopped_keeps_what_it_has_and_the_next_goes_on(shelf: Any, tagger: Any) -> None:
    ids = [shelf.put(f"{number}.png") for number in range(BATCH + 3)]
    stop = threading.Event()

    def photos() -> Iterator[tuple[int, Crop]]:
        for number, photo_id in enumerate(ids, 1):
            if number == BATCH + 2:
                stop.set()
            yield photo_id, crop(255)

    done = tag_photos(shelf.library, tagger, photos(), stop=stop)
    assert done == TagRun(BATCH + 2, BATCH + 2, (), interrupted=True)
    left = [photo_id for photo_id, _ in shelf.library.tags.untagged("f" * 16)]
    assert left == ids[-1:]
    assert tag_photos(shelf.library, tagger, [(left[0], crop(255))]).photos == 1
    assert shelf.library.tags.count_untagged("f" * 16) == 0
