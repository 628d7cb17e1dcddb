"""An encoder whose answers can be worked out by hand, over photos of one colour and a real library.

`make_encoder(...)` is the encoder. A photo's pixels are its colour: its ITM log-odds with any caption is its
green minus its blue, so (0, 3, 0) has 3 and (0, 0, 2) has -2. Captions embed to the first unit vector; a
photo stored at `level` sixteenths has exactly that cosine similarity, as its components are exact in float16.

A caption that speaks of snow is another matter: its log-odds are the photo's red minus 128, and it embeds to
the second unit vector, with which a photo at a level from 1 to 15 has a cosine of 1/16. A photo that is
embedded here, and not stored, is at the level of its red.

`shelf` is a library with a folder of photos: `shelf.put("a.png", level=8, odds=3, snow=-2)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from storage.library import Library
from storage.records import FileState, ModelRef, NewPhoto, PhotoFacts

DIM = 256
MODEL = ModelRef("f" * 16, "by-hand", DIM)


def at(level: int) -> NDArray[np.float32]:
    """A unit vector with first component `level` / 16; the rest is spread so that the norm is exactly 1."""
    rest = np.zeros(DIM - 1, np.float32)
    if level == 0:
        rest[0], rest[1:253] = 2 / 16, 1 / 16  # 4 + 252 = 256 = 16 squared
    else:
        rest[: 256 - level**2] = 1 / 16
    return np.concatenate([np.array([level / 16], np.float32), rest])


@dataclass
class ByHand:
    """A `search.encoder.Encoder`; `judged` counts the photos it was asked to match."""

    similarity_weight: float = 0.0
    calibration: Mapping[str, float] | None = None
    can_embed: bool = True
    can_match: bool = True
    name: str = MODEL.name
    fingerprint: str = MODEL.fingerprint
    dim: int = DIM
    longest_caption: int = 20
    judged: list[int] = field(default_factory=list)

    def preprocessor(self, photo: Image.Image) -> NDArray[np.float32]:
        return np.asarray(photo, np.float32).transpose(2, 0, 1)[:, :1, :1]

    def embed_captions(self, captions: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([np.eye(DIM, dtype=np.float32)[int("snow" in caption)] for caption in captions])

    def embed_images(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.stack([at(int(photo[0, 0, 0])) for photo in pixels])  # red is the level

    def match_log_odds(self, pixels: NDArray[np.float32], captions: Sequence[str]) -> NDArray[np.float32]:
        self.judged.append(len(pixels))
        red, green, blue = pixels[:, :, 0, 0].T
        return np.stack([red - 128 if "snow" in each else green - blue for each in captions], axis=1)

    def caption_is_truncated(self, caption: str) -> bool:
        return len(caption) > self.longest_caption


@dataclass
class Shelf:
    """A library and the folder its photos lie in."""

    library: Library
    photos: Path

    def put(
        self, name: str, level: int = 0, odds: int = 0, content: str | None = None, *,
        snow: int = 0, phash: int | None = None,
    ) -> int:  # fmt: skip
        """Write a photo of one colour and store it; the same `content` again is a copy. Its id."""
        path = self.photos / name
        photo = Image.new("RGB", (3, 2), (128 + snow, max(0, odds), max(0, -odds)))
        photo.save(path)
        facts = PhotoFacts(content or name, 3, 2, "PNG", phash=phash)
        state = FileState(str(path), path.stat().st_size, path.stat().st_mtime_ns)
        return self.library.add(MODEL, [NewPhoto(state, facts, at(level))])[0]

    def path(self, name: str) -> str:
        return str(self.photos / name)


@pytest.fixture
def make_encoder() -> Callable[..., Any]:
    return ByHand


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    photos = tmp_path.resolve() / "photos"
    photos.mkdir()
    with Library.open(tmp_path / "library", create=True, write=True) as library:
        library.add_root(photos)
        yield Shelf(library, photos)
