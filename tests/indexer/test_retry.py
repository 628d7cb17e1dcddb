"""Another try at files that could not be read, unchanged ones too."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest

from indexer.pipeline import Encoder, index
from indexer.report import Progress
from indexer.retry import Retried, retry
from storage.library import Library
from storage.records import Failure

Save = Callable[..., Path]
Spoil = Callable[..., Callable[[], None]]


class Counting(Encoder, Protocol):
    seen: int


@pytest.fixture
def spoil(save: Save) -> Spoil:
    """Saves a photo of zeros in place of its bytes; what it gives puts the bytes back, size and time kept."""

    def write(name: str, colour: str | tuple[int, ...]) -> Callable[[], None]:
        path = save(name, colour)
        whole, found = path.read_bytes(), path.stat()

        def put(data: bytes) -> None:
            path.write_bytes(data)
            os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))

        put(bytes(len(whole)))
        return lambda: put(whole)

    return write


def test_unchanged_files_are_read_again_and_only_those(
    photos: Path, save: Save, library: Library, encoder: Counting, spoil: Spoil
) -> None:
    mend = [spoil("a.png", "red"), spoil("b.png", "blue")]
    (photos / "text.jpg").write_text("hello")
    assert index([photos], library, encoder).failed == 3
    for put_back in mend:
        put_back()
    assert index([photos], library, encoder).failed == 3, "an index run reads no unchanged file"
    save("new.png", "green")
    failures = [failure for failure in library.failures() if not failure.path.endswith("b.png")]
    done = retry(failures, library, encoder)
    assert (done.indexed, done.gone, done.offline, done.interrupted) == (1, 0, 0, False)
    assert [(Path(each.path).name, each.reason[:12]) for each in done.failures] == [
        ("text.jpg", "not an image")
    ]
    assert library.known_files(str(photos)).keys() == {str(photos / "a.png")}
    assert [Path(failure.path).name for failure in library.failures()] == ["b.png", "text.jpg"]
    assert encoder.seen == 1


def test_what_is_gone_is_forgotten_and_what_is_offline_is_kept(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    for name in ("here/a.jpg", "here/link.jpg", "away/b.jpg"):
        (photos / name).parent.mkdir(exist_ok=True)
        (photos / name).write_text("hello")
    index([photos / "here", photos / "away"], library, encoder)
    (photos / "here" / "a.jpg").unlink()
    (photos / "here" / "link.jpg").unlink()
    (photos / "here" / "link.jpg").symlink_to(save("elsewhere.png"))
    (photos / "away").rename(photos / "unplugged")
    assert retry(library.failures(), library, encoder) == Retried(0, 2, 1, (), False)
    assert [Path(failure.path).name for failure in library.failures()] == ["b.jpg"]


def test_a_folder_that_can_be_listed_now_is_indexed(
    library: Library, encoder: Counting, ordinary_user: Path
) -> None:
    library.add_root(ordinary_user)
    inner, closed = ordinary_user / "inner", ordinary_user / "closed"
    for folder in (inner, closed):
        folder.mkdir()
    closed.chmod(0)
    library.add_failures(
        [Failure(str(each), "cannot be listed", datetime.now(UTC), 0, 0) for each in (inner, closed)]
    )
    done = retry(library.failures(), library, encoder)
    assert (done.indexed, [failure.path for failure in done.failures]) == (1, [str(closed)])
    assert [failure.path for failure in library.failures()] == [str(closed)]


def test_an_interrupted_try_keeps_what_it_did_not_come_to(
    photos: Path, library: Library, encoder: Counting, spoil: Spoil
) -> None:
    mend = [spoil(f"{number}.png", (number, 0, 1)) for number in range(5)]
    index([photos], library, encoder)
    for put_back in mend:
        put_back()
    stop = threading.Event()

    def stop_at_2(progress: Progress) -> None:
        if progress.done == 2:
            stop.set()

    done = retry(library.failures(), library, encoder, batch_size=2, on_progress=stop_at_2, stop=stop)
    # One more was in the model already.
    assert (done.indexed, done.interrupted, len(library.failures())) == (3, True, 2)
    assert os.path.basename(library.failures()[0].path) == "3.png"
    assert retry(library.failures(), library, encoder).indexed == 2
