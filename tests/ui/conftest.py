"""Photos of one colour, an encoder that knows colours by name, and the command run in this process.

`Colours` embeds a photo as its mean colour and a caption as the colour it names, so "red" has cosine 1 with
a red photo, 0 with a green one. Its ITM log-odds are 4 for the same colour, -4 otherwise: 98.2% and 1.8%.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from model.preprocess import Preprocessor
from storage.records import PhotoRecord
from ui import compose
from ui.cli import main
from ui.exported import ExportedPhoto
from ui.terminal import err, out

COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}
MASK = "<mask>"


ONE_PIXEL = Preprocessor(1, crop=1, size_divisor=1, mean=(0, 0, 0), std=(1, 1, 1))
"""One pixel a photo, its colours from 0 to 1."""


@dataclass(frozen=True)
class Filling:
    """As `model.bridgetower.Filling`, without the seconds that importing torch takes."""

    word: str
    probability: float


class ColourStates(np.ndarray[Any, Any]):
    """What a tower would give of photos: their colours, float32 (n, 3), 0 to 1."""

    def select(self, rows: NDArray[np.int64]) -> ColourStates:
        return self[rows].copy().view(ColourStates)

    def join(self, others: Sequence[ColourStates]) -> ColourStates:
        return np.concatenate([self, *others]).view(ColourStates)


class Captions(list[str]):
    """What a text tower would give of captions: the captions."""

    nbytes = 1


@dataclass
class Colours:
    """Stands in for `BridgeTower`, which `compose.load_model` would load."""

    name: str = "colours"
    fingerprint: str = "c" * 16
    dim: int = 3
    can_embed: bool = True
    can_match: bool = True
    similarity_weight: float = 0.0
    calibration: Mapping[str, float] | None = None
    notice: str | None = "colours knows red, green and blue"
    folder: Path = Path("colours")
    heat_map_right: float | None = 0.9
    tag_probability: float | None = 0.5

    preprocessor: Preprocessor = ONE_PIXEL

    def embed_images(self, pixels: NDArray[np.float32] | NDArray[np.uint8]) -> NDArray[np.float32]:
        """Pixels (n, 3, 1, 1) or crops (n, 1, 1, 3): either way three numbers a photo."""
        colours = pixels.reshape(len(pixels), 3).astype(np.float32)
        unit: NDArray[np.float32] = colours / np.linalg.norm(colours, axis=1, keepdims=True)
        return unit

    def embed_captions(self, captions: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self._colour(caption) for caption in captions])

    def match_log_odds(self, pixels: NDArray[np.float32], captions: Sequence[str]) -> NDArray[np.float32]:
        same = self.embed_images(pixels) @ self.embed_captions(captions).T
        return np.where(same > 0.9, 4, -4).astype(np.float32)

    def caption_is_truncated(self, caption: str) -> bool:
        return len(caption.split()) > 10

    def fill_mask(self, pixels: NDArray[np.float32], caption: str, k: int = 5) -> list[Filling]:
        colour = pixels[:, 0, 0]
        words = sorted(COLOURS, key=lambda word: -float(colour @ self._colour(word)))
        return [Filling(word, float(colour @ self._colour(word))) for word in words[:k]]

    def photo_states(self, pixels: NDArray[Any]) -> ColourStates:
        colours = pixels.reshape(len(pixels), 3).astype(np.float32)
        return (colours / np.float32(255) if pixels.dtype == np.uint8 else colours).view(ColourStates)

    def caption_states(self, caption: str | Sequence[str]) -> Captions:
        return Captions([caption] if isinstance(caption, str) else caption)

    def match_states(self, photos: NDArray[np.float32], captions: list[str]) -> NDArray[np.float32]:
        odds = self.match_log_odds(np.asarray(photos)[:, :, None, None], captions)
        return odds[0] if len(photos) == 1 else odds[:, 0]

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(COLOURS)

    def word_log_probabilities(self, photos: NDArray[np.float32], caption: str) -> NDArray[np.float32]:
        """A word is as likely as the photo is of its colour, and never impossible."""
        likely: NDArray[np.float32] = np.maximum(photos @ self.embed_captions(self.words).T, 1e-6)
        return np.log(likely).astype(np.float32)

    def heat_map(self, pixels: NDArray[np.float32], caption: str) -> NDArray[np.float32]:
        """Whatever is asked, it is at the top on the right."""
        return np.array([[0, 1], [0, 0]], np.float32)

    def _colour(self, caption: str) -> NDArray[np.float32]:
        rows = [COLOURS[word] for word in caption.split() if word in COLOURS]
        return np.asarray(rows[0] if rows else COLOURS["blue"], np.float32) / np.float32(255)


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> Colours:
    """The encoder that commands load in this test."""
    colours = Colours()
    monkeypatch.setattr(compose, "load_model", lambda settings: colours)
    return colours


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with red.png, green.png and blue.png, 40 x 30 pixels each."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, colour in COLOURS.items():
        Image.new("RGB", (40, 30), colour).save(folder / f"{name}.png")
    return folder


@dataclass(frozen=True)
class Ran:
    """What one command left behind."""

    code: int
    out: str
    err: str


Bridgelens = Callable[..., Ran]


@pytest.fixture
def bridgelens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Bridgelens:
    """Runs `bridgelens ...` in this process, with a library and a home of the test's own."""
    monkeypatch.setenv("BRIDGELENS_LIBRARY", str(tmp_path / "library"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for console in (out, err):  # a path of any length stays on its line
        monkeypatch.setattr(console, "width", 200)
    for name in ("BRIDGELENS_MODEL", "BRIDGELENS_DEVICE", "BRIDGELENS_PASSWORD", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str | Path) -> Ran:
        monkeypatch.setattr(sys, "argv", ["bridgelens", *map(str, arguments)])
        with pytest.raises(SystemExit) as leaving:
            main()
        printed = capsys.readouterr()
        return Ran(int(leaving.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture
def indexed(bridgelens: Bridgelens, encoder: object, photos: Path) -> Bridgelens:
    """The command, with the three photos indexed."""
    assert bridgelens("index", photos).code == 0
    return bridgelens


@pytest.fixture
def exported() -> Callable[..., ExportedPhoto]:
    """Make a photo to export of a path; of its record, what is given, and else a red 40 x 30 PNG's."""

    def make(
        path: str | Path,
        query: str | None = None,
        probability: float | None = None,
        rank: int | None = None,
        **known: Any,
    ) -> ExportedPhoto:
        values: dict[str, Any] = {
            "photo_id": 1, "paths": (str(path),), "content_hash": "h", "width": 40, "height": 30,
            "format": "PNG", "taken_at": None, "camera": None, "latitude": None, "longitude": None,
        }  # fmt: skip
        return ExportedPhoto(PhotoRecord(**{**values, **known}), str(path), query, probability, rank)

    return make
