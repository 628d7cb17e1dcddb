"""Videos by FFmpeg: one frame that speaks for the whole, and what the file says of where and when.

This module needs the `video` extra.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from io import BufferedReader

import av
import numpy as np
from PIL import Image

from indexer.errors import PhotoUnreadable
from indexer.pixel_limit import refuse_too_large
from indexer.xmp import one_text
from storage.records import Description, PhotoFacts

TIME_LIMIT_S = 20.0
"""Seconds after which no further frame is looked for."""
LEAST_CONTRAST = 10.0
"""Standard deviation of grey, 0 to 255, below which a frame is taken for blank: a fade, a lens cap."""

# Where to look, as parts of the duration: past titles and fades, before the end.
_PLACES = (0.1, 0.2, 0.3, 0.5)
_FRAMES_A_PLACE = 8
_ISO_6709 = re.compile(r"([+-]\d{2}(?:\.\d+)?)([+-]\d{3}(?:\.\d+)?)")
_APPLE = "com.apple.quicktime."
_OLDEST = 1990  # cameras without a set clock write 1904 or 1970, where their formats begin to count


def read_video(stream: BufferedReader, content_hash: str) -> tuple[Image.Image, PhotoFacts]:
    """A key frame in upright RGB, and the video's facts.

    Raises:
        PhotoUnreadable: there is no picture in the file, or it is damaged or too large.
    """
    stream.seek(0)
    try:
        # The mode and the stream keep FFmpeg from opening anything else a file may name.
        with av.open(stream, mode="r", metadata_errors="replace") as container:
            video = _video_of(container, stream.name)
            refuse_too_large(stream.name, video.width, video.height)
            frame = _best_frame(container, video)
            if frame is None:
                raise PhotoUnreadable(
                    stream.name, "damaged or cut short: no frame of the video can be decoded"
                )
            photo = _upright(frame, video.sample_aspect_ratio)
            tags = {**video.metadata, **container.metadata}
            seconds = _duration_s(container, video)
    except av.FFmpegError as error:
        raise PhotoUnreadable(stream.name, f"video that FFmpeg cannot read: {error.strerror}") from error
    latitude, longitude = _position(tags)
    facts = PhotoFacts(
        content_hash=content_hash,
        width=photo.width,
        height=photo.height,
        format=os.path.splitext(stream.name)[1][1:].upper(),
        taken_at=_taken_at(tags),
        camera=_camera(tags),
        latitude=latitude,
        longitude=longitude,
        description=Description(one_text(tags.get("description") or tags.get(f"{_APPLE}description"))),
        duration_s=seconds,
    )
    return photo, facts


def _video_of(container: av.container.InputContainer, name: str) -> av.VideoStream:
    # A cover picture is a stream of its own, of one frame.
    videos = [
        each for each in container.streams.video if not each.disposition & av.stream.Disposition.attached_pic
    ]
    if not videos:
        raise PhotoUnreadable(name, "a video without pictures")
    return videos[0]


def _duration_s(container: av.container.InputContainer, video: av.VideoStream) -> float | None:
    if video.duration is not None and video.time_base is not None:
        return float(video.duration * video.time_base)
    return None if container.duration is None else container.duration / av.time_base


def _best_frame(container: av.container.InputContainer, video: av.VideoStream) -> av.VideoFrame | None:
    """The first key frame that is not blank, else the least blank one."""
    video.codec_context.skip_frame = "NONKEY"
    video.codec_context.thread_count = 1  # several files are read at a time
    best: tuple[float, av.VideoFrame] | None = None
    until = time.monotonic() + TIME_LIMIT_S
    for frame in _key_frames(container, video):
        contrast = float(np.std(frame.reformat(width=64, height=64, format="gray").to_ndarray()))
        if contrast >= LEAST_CONTRAST:
            return frame
        if best is None or contrast > best[0]:
            best = (contrast, frame)
        if time.monotonic() > until:
            break
    return None if best is None else best[1]


def _key_frames(container: av.container.InputContainer, video: av.VideoStream) -> Iterator[av.VideoFrame]:
    """Some key frames after each of the places; from the beginning, where a file cannot be sought in."""
    duration = _duration_s(container, video)
    found = False
    for place in _PLACES if duration else ():
        try:
            container.seek(int(place * (duration or 0) * av.time_base) + (container.start_time or 0))
            for _, frame in zip(range(_FRAMES_A_PLACE), container.decode(video), strict=False):
                found = True
                yield frame
        except av.FFmpegError:  # a damaged stretch; another place may be whole
            continue
    if not found:
        container.seek(0)
        yield from (frame for _, frame in zip(range(_FRAMES_A_PLACE), container.decode(video), strict=False))


def _upright(frame: av.VideoFrame, pixel_shape: Fraction | None) -> Image.Image:
    """The frame in square pixels; `pixel_shape` is width by height of those it has, as tapes had them."""
    photo: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    if pixel_shape and pixel_shape != 1 and 0.25 <= pixel_shape <= 4:
        photo = photo.resize((max(1, round(photo.width * pixel_shape)), photo.height))
    # Both FFmpeg and Pillow count a turn counter-clockwise.
    return photo.rotate(round(frame.rotation / 90) * 90, expand=True)


def _taken_at(tags: dict[str, str]) -> datetime | None:
    """Apple's local time with its offset, else the moment the file was begun, in UTC."""
    for name in (f"{_APPLE}creationdate", "creation_time", "date"):
        try:
            taken = datetime.fromisoformat(tags.get(name, ""))
        except ValueError:
            continue
        if taken.year >= _OLDEST:
            return taken.replace(tzinfo=UTC) if taken.tzinfo is None and name == "creation_time" else taken
    return None


def _camera(tags: dict[str, str]) -> str | None:
    names = (one_text(tags.get(f"{_APPLE}{part}")) for part in ("make", "model"))
    return " ".join(name for name in names if name) or None


def _position(tags: dict[str, str]) -> tuple[float, float] | tuple[None, None]:
    """Degrees from ISO 6709, as in +52.5100+013.3750+034.000/; Apple's and Android's phones write it."""
    for name in (f"{_APPLE}location.ISO6709", "location", "location-eng"):
        found = _ISO_6709.match(tags.get(name, ""))
        if found is not None:
            latitude, longitude = map(float, found.groups())
            if abs(latitude) <= 90 and abs(longitude) <= 180 and (latitude, longitude) != (0, 0):
                return latitude, longitude
    return None, None
