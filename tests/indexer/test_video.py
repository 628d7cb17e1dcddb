"""Videos: real files, written here by FFmpeg."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from indexer.decode import decode, inspect, read_exposure
from indexer.errors import PhotoUnreadable
from indexer.exposure import Exposure
from indexer.pipeline import Encoder, index
from storage.library import Library

av = pytest.importorskip("av")

WIDTH, HEIGHT, RATE = 64, 48, 10
BLACK: NDArray[np.uint8] = np.zeros((HEIGHT, WIDTH, 3), np.uint8)


def halves(left: tuple[int, int, int], right: tuple[int, int, int]) -> NDArray[np.uint8]:
    """A frame of two colours."""
    frame = BLACK.copy()
    frame[:, : WIDTH // 2], frame[:, WIDTH // 2 :] = left, right
    return frame


RED_BLUE = halves((255, 0, 0), (0, 0, 255))
GREEN_BLACK = halves((0, 255, 0), (0, 0, 0))


def write_video(
    path: Path,
    scenes: list[tuple[NDArray[np.uint8], int]],
    *,
    rotation: int = 0,
    tags: dict[str, str] | None = None,
    codec: str = "mpeg4",
) -> Path:
    """Scenes of one frame that lasts some tenths of a second each; every fifth frame is a key frame."""
    options = {"movflags": "use_metadata_tags"} if path.suffix in (".mov", ".mp4", ".m4v") else {}
    with av.open(str(path), "w", options=options) as container:
        container.metadata.update(tags or {})
        stream = container.add_stream(codec, rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.gop_size = 5
        if rotation:
            stream.set_display_rotation(rotation)
        for picture, count in scenes:
            for _ in range(count):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def colour(photo: Image.Image, x: float, y: float) -> str:
    pixel = np.asarray(photo)[int(y * photo.height), int(x * photo.width)]
    return ("red", "green", "blue")[int(np.argmax(pixel))] if pixel.max() > 100 else "black"


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "mpeg4"), ("a.MOV", "mpeg4"), ("a.m4v", "mpeg4"), ("a.mkv", "mpeg4"), ("a.avi", "mpeg4"),
     ("a.webm", "libvpx"), ("a.mts", "mpeg2video"), ("a.3gp", "mpeg4")],
)  # fmt: skip
def test_a_frame_and_the_facts_of_every_container(tmp_path: Path, name: str, codec: str) -> None:
    lower = write_video(tmp_path / name.lower(), [(RED_BLUE, 30)], codec=codec)
    path = lower.rename(tmp_path / name)
    found = decode(path)
    assert (colour(found.photo, 0.25, 0.5), colour(found.photo, 0.75, 0.5)) == ("red", "blue")
    facts = found.facts
    assert (facts.width, facts.height, facts.format) == (WIDTH, HEIGHT, name[2:].upper())
    assert facts.duration_s == pytest.approx(3, abs=0.2)
    assert inspect(path).facts == facts


def test_a_black_beginning_is_passed_over(tmp_path: Path) -> None:
    scenes = [(BLACK, 25), (RED_BLUE, 25)]  # 10, 20 and 30 % are black
    assert colour(decode(write_video(tmp_path / "a.mp4", scenes)).photo, 0.25, 0.5) == "red"


def test_a_tenth_into_it_and_not_the_title(tmp_path: Path) -> None:
    scenes = [(GREEN_BLACK, 5), (RED_BLUE, 45)]
    assert colour(decode(write_video(tmp_path / "a.mp4", scenes)).photo, 0.25, 0.5) == "red"


def test_a_video_that_is_black_throughout_has_a_frame_all_the_same(tmp_path: Path) -> None:
    found = decode(write_video(tmp_path / "a.mp4", [(BLACK, 20)]))
    assert colour(found.photo, 0.5, 0.5) == "black"


@pytest.mark.parametrize(
    ("rotation", "size", "from_top"),
    [(-90, (HEIGHT, WIDTH), ("red", "blue")), (90, (HEIGHT, WIDTH), ("blue", "red"))],
)
def test_a_turned_video_is_upright(
    tmp_path: Path, rotation: int, size: tuple[int, int], from_top: tuple[str, str]
) -> None:
    """Turned clockwise (-90, a phone held upright), the left half is above."""
    found = decode(write_video(tmp_path / "a.mp4", [(RED_BLUE, 10)], rotation=rotation))
    assert found.photo.size == size == (found.facts.width, found.facts.height)
    assert (colour(found.photo, 0.5, 0.25), colour(found.photo, 0.5, 0.75)) == from_top


def test_upside_down(tmp_path: Path) -> None:
    found = decode(write_video(tmp_path / "a.mp4", [(RED_BLUE, 10)], rotation=180))
    assert (colour(found.photo, 0.25, 0.5), colour(found.photo, 0.75, 0.5)) == ("blue", "red")


def test_what_a_phone_writes(tmp_path: Path) -> None:
    apple = "com.apple.quicktime."
    tags = {
        "creation_time": "2021-05-03T08:20:30.000000Z",
        f"{apple}creationdate": "2021-05-03T10:20:30+0200",
        f"{apple}location.ISO6709": "+60.3913+005.3221+012.000/",
        f"{apple}make": "Apple",
        f"{apple}model": "iPhone 13",
    }
    facts = decode(write_video(tmp_path / "a.mov", [(RED_BLUE, 10)], tags=tags)).facts
    assert facts.taken_at == datetime(2021, 5, 3, 10, 20, 30, tzinfo=timezone(timedelta(hours=2)))
    assert facts.taken_at.utcoffset() == timedelta(hours=2)
    assert (facts.latitude, facts.longitude, facts.camera) == (60.3913, 5.3221, "Apple iPhone 13")


def test_a_video_says_nothing_of_how_it_was_taken_and_is_not_read_for_it(tmp_path: Path) -> None:
    assert read_exposure(tmp_path / "nowhere.mov", "0" * 32) == Exposure()


def test_the_moment_it_was_begun(tmp_path: Path) -> None:
    tags = {"creation_time": "2021-05-03T08:20:30.000000Z", "location": "-33.8568-070.5000/"}
    facts = decode(write_video(tmp_path / "a.mp4", [(RED_BLUE, 10)], tags=tags)).facts
    assert facts.taken_at == datetime(2021, 5, 3, 8, 20, 30, tzinfo=UTC)
    assert (facts.latitude, facts.longitude) == (-33.8568, -70.5)


@pytest.mark.parametrize("written", ["1904-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "yesterday"])
def test_a_clock_that_was_never_set(tmp_path: Path, written: str) -> None:
    path = write_video(tmp_path / "a.mkv", [(RED_BLUE, 10)], tags={"creation_time": written})
    assert decode(path).facts.taken_at is None


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(PhotoUnreadable, match=r"a\.mp4: a video without pictures"):
        decode(tmp_path / "a.mp4")


def test_broken_videos_are_failures_and_the_rest_is_indexed(
    photos: Path, library: Library, encoder: Encoder, save: Callable[..., Path]
) -> None:
    save("a.jpg")
    whole = write_video(photos / "b.mp4", [(RED_BLUE, 30)]).read_bytes()
    (photos / "c.mp4").write_bytes(whole[:500])
    (photos / "d.mov").write_bytes(b"no video at all")
    (photos / "e.avi").write_bytes(b"")
    report = index([photos], library, encoder)
    assert report.added == 2
    reasons = {Path(each.path).name: each.reason for each in report.failures}
    assert sorted(reasons) == ["c.mp4", "d.mov", "e.avi"]
    assert reasons["d.mov"].startswith("video that FFmpeg cannot read: ")
    assert reasons["e.avi"] == "empty file: 0 bytes"
    [video] = [each for each in library.photos([1, 2]).values() if each.format == "MP4"]
    assert video.duration_s == pytest.approx(3, abs=0.2)
