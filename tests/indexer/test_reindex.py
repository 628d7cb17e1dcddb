"""A second model beside the first: what it embeds, what it cannot, and that it can be stopped."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

import indexer.reindex
from indexer.pipeline import Encoder, index
from indexer.reindex import embed_lacking
from indexer.report import Progress
from storage.library import Library
from storage.records import ModelRef

Save = Callable[..., Path]


class Tiny(Encoder, Protocol):
    fingerprint: str
    seen: int


@pytest.fixture
def other(encoder: Tiny) -> Tiny:
    """A second model."""
    made: Tiny = type(encoder)()
    made.fingerprint = "u" * 16
    return made


def ref(encoder: Encoder) -> ModelRef:
    return ModelRef(encoder.fingerprint, encoder.name, encoder.dim)


def test_only_photos_that_the_new_model_lacks_are_embedded_and_the_old_model_stays(
    photos: Path, save: Save, library: Library, encoder: Tiny, other: Tiny
) -> None:
    save("red.png", "red")
    save("blue.png", "blue")
    (photos / "copy.png").write_bytes((photos / "red.png").read_bytes())
    index([photos], library, encoder)
    save("late.png", "green")
    done = embed_lacking(library, other)
    assert (done.embedded, dict(done.lacking), done.failures, done.interrupted) == (2, {}, (), False)
    assert (encoder.seen, other.seen) == (2, 2)
    assert library.models.active() == ref(encoder)
    assert library.index(ref(other)).ids.tolist() == library.index(ref(encoder)).ids.tolist() == [1, 2]
    assert len(library.known_files(str(photos))) == 3, "a new file is for the next index run"
    index([photos], library, encoder)
    done = embed_lacking(library, other)
    assert (done.embedded, other.seen, library.status().photos) == (1, 3, 3)


def test_a_copy_stands_in_for_a_file_that_cannot_be_read(
    photos: Path, save: Save, library: Library, encoder: Tiny, other: Tiny
) -> None:
    save("a.png", "red")
    (photos / "b.png").write_bytes((photos / "a.png").read_bytes())
    save("only.png", "blue")
    index([photos], library, encoder)
    (photos / "a.png").write_bytes(b"damaged since")
    (photos / "only.png").write_bytes(b"damaged since")
    done = embed_lacking(library, other)
    assert (done.embedded, dict(done.lacking)) == (1, {str(photos): 1})
    assert [Path(failure.path).name for failure in done.failures] == ["a.png", "only.png"]
    assert [Path(failure.path).name for failure in library.failures()] == ["a.png", "only.png"]
    assert library.status().missing_files == 0, "what is gone is for the next index run to say"


def test_a_file_that_holds_another_photo_now_waits_for_an_index_run(
    photos: Path, save: Save, library: Library, encoder: Tiny, other: Tiny
) -> None:
    save("a.png", "red")
    index([photos], library, encoder)
    save("a.png", "blue")
    done = embed_lacking(library, other)
    assert dict(done.lacking) == {str(photos): 1}
    assert library.status().photos == 1
    assert index([photos], library, encoder).changed == 1
    done = embed_lacking(library, other)
    assert (done.embedded, dict(done.lacking)) == (1, {})
    assert library.models.lacking(ref(encoder)) == {}


def test_photos_on_a_disk_that_is_not_there_are_counted_and_not_failures(
    photos: Path, save: Save, library: Library, encoder: Tiny, other: Tiny
) -> None:
    for name in ("here/a.png", "away/b.png", "emptied/c.png"):
        save(name, {"h": "red", "a": "green", "e": "blue"}[name[0]])
    index([photos / "here", photos / "away", photos / "emptied"], library, encoder)
    (photos / "away").rename(photos / "unplugged")
    (photos / "emptied" / "c.png").unlink()
    done = embed_lacking(library, other)
    assert done.embedded == 1
    assert dict(done.lacking) == {str(photos / "away"): 1, str(photos / "emptied"): 1}
    assert (done.offline, done.failures) == ((str(photos / "away"), str(photos / "emptied")), ())
    (photos / "unplugged").rename(photos / "away")
    assert dict(embed_lacking(library, other).lacking) == {str(photos / "emptied"): 1}


def test_an_interrupted_run_goes_on(
    photos: Path, save: Save, library: Library, encoder: Tiny, other: Tiny
) -> None:
    for number in range(6):
        save(f"{number}.png", (number, 0, 1))
    index([photos], library, encoder)
    stop, totals = threading.Event(), list[int | None]()

    def stop_at_2(progress: Progress) -> None:
        totals.append(progress.total)
        if progress.done == 2:
            stop.set()

    done = embed_lacking(library, other, batch_size=2, on_progress=stop_at_2, stop=stop)
    # One more was in the model already.
    assert (done.embedded, dict(done.lacking), done.interrupted) == (3, {str(photos): 3}, True)
    done = embed_lacking(library, other, batch_size=2)
    assert (done.embedded, done.interrupted, other.seen, set(totals)) == (3, False, 6, {6})


CHILD = """
import sys
from pathlib import Path
from indexer.reindex import embed_lacking
from storage.library import Library
from tests.indexer.tiny import TinyEncoder

def wait(progress):
    if progress.done == 3:
        print("three are stored", flush=True)
        sys.stdin.readline()

with Library.open(Path(sys.argv[1]), write=True) as library:
    done = embed_lacking(library, TinyEncoder("u" * 16), batch_size=6, on_progress=wait)
print(done.embedded, done.interrupted)
"""


def test_searches_go_on_meanwhile_and_a_killed_run_is_taken_up(
    photos: Path, save: Save, library: Library, encoder: Tiny, other: Tiny
) -> None:
    for number in range(9):
        save(f"{number}.png", (number, 0, 1))
    index([photos], library, encoder)
    library.close()
    repository = Path(indexer.reindex.__file__).parent.parent
    command = [sys.executable, "-c", CHILD, str(library.folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=repository
    ) as child:
        assert child.stdout is not None and child.stdin is not None
        assert child.stdout.readline() == "three are stored\n"
        with Library.open(library.folder) as reader:
            assert reader.models.active() == ref(encoder)
            assert len(reader.index(ref(encoder))) == 9
            assert len(reader.index(ref(other))) == 3
        child.send_signal(signal.SIGKILL)
    with Library.open(library.folder, write=True) as writer:
        done = embed_lacking(writer, other)
        assert (done.embedded, dict(done.lacking)) == (6, {})
