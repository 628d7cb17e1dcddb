"""Chosen files are stored batch by batch and handed out when they are."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from indexer.chosen_files import store_files
from indexer.pipeline import Encoder
from indexer.reading import Read, Unread
from indexer.report import Progress, Tally
from storage.library import Library
from storage.records import FileState, ModelRef

Save = Callable[..., Path]


class Counting(Encoder, Protocol):
    seen: int


def state(path: Path) -> FileState:
    found = path.stat()
    return FileState(str(path), found.st_size, found.st_mtime_ns)


def test_each_file_is_stored_before_it_is_handed_out(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    library.add_root(photos)
    paths = [save(f"{number}.png", (number, 0, 1)) for number in range(5)]
    (photos / "bad.png").write_bytes(b"not a photo")
    copy = photos / "copy.png"
    copy.write_bytes(paths[0].read_bytes())
    files = [state(path) for path in (*paths, photos / "bad.png", copy)]
    tally, seen, stop = Tally(), list[Progress](), threading.Event()
    tally.begin_reading(len(files))
    stored = store_files(files, library, encoder, tally, batch_size=2, on_progress=seen.append, stop=stop)
    first = next(stored)
    assert isinstance(first, Read)
    assert library.known_files(str(photos)).keys() == {str(paths[0])}
    kinds = [type(each) for each in stored]
    assert kinds == [Read] * 4 + [Unread, Read]
    assert [progress.done for progress in seen] == [1, 2, 3, 4, 5, 6, 7]
    assert (tally.embedded, encoder.seen, library.status().photos) == (5, 5, 5)
    assert (library.folder / f"index-{encoder.fingerprint}.faiss").exists()
    assert len(library.index(ModelRef(encoder.fingerprint, encoder.name, encoder.dim))) == 5


def test_stop_ends_it_after_the_batch_in_hand(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    library.add_root(photos)
    stop = threading.Event()

    def files() -> Iterator[FileState]:
        for number in range(6):
            yield state(save(f"{number}.png", (number, 0, 1)))

    def stop_at_2(progress: Progress) -> None:
        if progress.done == 2:
            stop.set()

    tally = Tally()
    stored = list(
        store_files(files(), library, encoder, tally, batch_size=2, on_progress=stop_at_2, stop=stop)
    )
    assert len(stored) == library.status().files == tally.done == 3  # one was in the model already


def test_nothing_readable_saves_nothing(photos: Path, library: Library, encoder: Counting) -> None:
    library.add_root(photos)
    (photos / "bad.png").write_bytes(b"not a photo")
    stored = list(
        store_files(
            [state(photos / "bad.png")], library, encoder, Tally(),
            batch_size=2, on_progress=lambda progress: None, stop=threading.Event(),
        )
    )  # fmt: skip
    assert [type(each) for each in stored] == [Unread]
    assert not list(library.folder.glob("*.faiss"))
