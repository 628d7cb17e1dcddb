"""A picture to search with goes through a real child process, and leaves no file."""

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from indexer.errors import PhotoUnreadable
from indexer.workers import ChildProcesses
from ui.picture_asked import EDGE, picture


@pytest.fixture(scope="module")
def workers() -> Iterator[ChildProcesses]:
    with ChildProcesses(1) as children:
        yield children


def png(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(file, "PNG")
    return file.getvalue()


def test_a_picture_is_made_small_and_leaves_nothing(
    workers: ChildProcesses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    photo = picture(png(2048, 1024), "png", workers)
    assert (photo.size, photo.mode, photo.getpixel((0, 0))) == ((EDGE, EDGE // 2), "RGB", (255, 0, 0))
    assert list(tmp_path.glob("bridgelens-*")) == []


@pytest.mark.parametrize("file", [b"", b"this is no photo", png(64, 64)[:90]])
def test_what_is_no_picture_is_refused(workers: ChildProcesses, file: bytes) -> None:
    with pytest.raises(PhotoUnreadable, match="the picture: "):
        picture(file, "png", workers)
