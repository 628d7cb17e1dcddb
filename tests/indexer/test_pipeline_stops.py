"""Runs that end early: Ctrl-C, a stop, a model or a worker that fails."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from numpy.typing import NDArray

import indexer.reading
from indexer.pipeline import Encoder, index
from indexer.report import Progress
from indexer.workers import Workers
from storage.library import Library

Save = Callable[..., Path]


class Counting(Encoder, Protocol):
    fingerprint: str
    seen: int


@pytest.mark.parametrize("thrown", [RuntimeError("out of memory"), KeyboardInterrupt()])
def test_a_model_that_fails_ends_the_run_and_keeps_the_batches_before(
    photos: Path,
    save: Save,
    library: Library,
    encoder: Counting,
    monkeypatch: pytest.MonkeyPatch,
    thrown: BaseException,
) -> None:
    for number in range(20):
        save(f"{number:02}.png", (number, 0, 1))
    embed = encoder.embed_images

    def fail_after_4(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        if encoder.seen == 4:
            raise thrown
        return embed(crops)

    monkeypatch.setattr(encoder, "embed_images", fail_after_4)
    before = threading.active_count()
    with pytest.raises(type(thrown)):
        index([photos], library, encoder, batch_size=4)
    assert threading.active_count() == before
    status = library.status()
    assert status.files == 4
    assert status.last_run is not None
    assert status.last_run.status == ("failed" if isinstance(thrown, RuntimeError) else "interrupted")
    monkeypatch.undo()
    report = index([photos], library, encoder, batch_size=4)
    assert (report.added, report.unchanged) == (16, 4)


def test_a_fault_of_the_reader_itself_ends_the_run_and_does_not_hang_it(
    photos: Path,
    save: Save,
    library: Library,
    encoder: Counting,
    threads: Workers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save("a.png")
    monkeypatch.setattr(indexer.reading, "decode", None)
    with pytest.raises(TypeError):
        index([photos], library, encoder, workers=threads)


def test_stop_finishes_the_batch_in_hand(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    for number in range(10):
        save(f"{number}.png", (number, 0, 1))
    stop = threading.Event()

    def stop_at_4(progress: Progress) -> None:
        if progress.done == 4:
            stop.set()

    report = index([photos], library, encoder, batch_size=2, stop=stop, on_progress=stop_at_4)
    # One more was in the model already.
    assert (report.added, report.interrupted, report.missing) == (5, True, 0)
    run = library.status().last_run
    assert run is not None
    assert run.status == "interrupted"
    report = index([photos], library, encoder, batch_size=2)
    assert (report.added, report.unchanged, report.interrupted, encoder.seen) == (5, 5, False, 10)


def test_stopped_before_the_scan_ends_nothing_is_touched(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    path = save("a.png")
    index([photos], library, encoder)
    path.unlink()
    stop = threading.Event()
    stop.set()
    report = index([photos], library, encoder, stop=stop)
    assert (report.interrupted, report.missing, report.offline) == (True, 0, ())
    assert library.present_photo_ids().tolist() == [1]


def test_stopped_before_anything_of_a_new_model_is_stored(
    photos: Path, save: Save, library: Library, encoder: Counting
) -> None:
    save("a.png")
    index([photos], library, encoder)
    (photos / "a.png").write_text("hello")
    encoder.fingerprint = "u" * 16
    report = index([photos], library, encoder)
    assert (report.failed, report.embedded) == (1, 0)


CHILD = """
import sys, threading
from pathlib import Path
from indexer.pipeline import index
from storage.library import Library
from tests.indexer.tiny import TinyEncoder

class Waiting(TinyEncoder):
    batches = 0

    def embed_images(self, crops):
        self.batches += 1
        if self.batches == 2:
            print("second batch in hand", flush=True)
            assert stop.wait(60), "no Ctrl-C came"
        return super().embed_images(crops)

stop = threading.Event()
with Library.open(Path(sys.argv[2]), create=True, write=True) as library:
    report = index([Path(sys.argv[1])], library, Waiting(), batch_size=6, stop=stop)
print(report.added, report.interrupted)
"""


def test_ctrl_c_in_a_child_process_and_the_next_run_goes_on(
    photos: Path, save: Save, encoder: Counting, tmp_path: Path
) -> None:
    for number in range(12):
        save(f"{number:02}.png", (number, 0, 1))
    command = [sys.executable, "-c", CHILD, str(photos), str(tmp_path / "library")]
    repository = Path(indexer.reading.__file__).parent.parent
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=repository) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "second batch in hand\n"
        child.send_signal(signal.SIGINT)
        added, interrupted = child.stdout.read().split()
        # The batch in the model, and the next one where it had been read already.
        assert (added, interrupted) in [("6", "True"), ("9", "True")]
    assert child.returncode == 0
    with Library.open(tmp_path / "library", write=True) as library:
        assert library.status().files == int(added)
        report = index([photos], library, encoder, batch_size=3)
    assert (report.added, report.unchanged, encoder.seen) == (12 - int(added), int(added), 12 - int(added))
