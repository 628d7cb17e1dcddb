"""A photo from a stranger: decoded in a child, whose death is a reason like any other."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from PIL import Image

from indexer import guarded
from indexer.errors import PhotoUnreadable
from indexer.guarded import decode_guarded
from indexer.workers import ChildProcesses


def die(*asked: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_the_photo_comes_back_upright_and_rgb(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    Image.new("L", (4, 3), 7).save(path)
    with ChildProcesses(1) as workers:
        photo = decode_guarded(path, workers)
    assert (photo.mode, photo.size, photo.getpixel((0, 0))) == ("RGB", (4, 3), (7, 7, 7))


def test_no_photo_is_the_reason_of_the_decoder(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"no photo")
    with ChildProcesses(1) as workers, pytest.raises(PhotoUnreadable, match="not an image") as raised:
        decode_guarded(path, workers)
    assert raised.value.lasting


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
def test_a_decoder_that_dies_takes_no_one_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "photo.png"
    Image.new("RGB", (4, 3)).save(path)
    monkeypatch.setattr(guarded, "_decoded", die)
    with ChildProcesses(1) as workers, pytest.raises(PhotoUnreadable, match="SIGKILL"):
        decode_guarded(path, workers)
