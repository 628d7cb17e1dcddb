"""Opens the parts a command needs from its settings and fits them together.

The imports are inside the functions because torch, faiss and SQLAlchemy take seconds, which `--help` must not
pay for.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ui.settings import Settings

if TYPE_CHECKING:
    from PIL import Image

    from model.bridgetower import BridgeTower
    from search.engine import Engine
    from storage.library import Library


def open_library(settings: Settings, *, create: bool = False, write: bool = False) -> "Library":
    """The library of these settings, to use in a `with` statement.

    Raises:
        StorageError: it is not there, not ours, newer than this program, or being written by another.
    """
    from storage.library import Library

    return Library.open(settings.library, create=create, write=write)


def with_its_model(settings: Settings, library: "Library") -> Settings:
    """These settings with the library's own model, unless the user chose one or the library has none yet."""
    active = None if settings.model_chosen else library.models.active()
    return settings if active is None else replace(settings, model=active.name)


def load_model(settings: Settings) -> "BridgeTower":
    """The model of these settings, its weights in memory.

    Raises:
        ModelError: no such checkpoint, a head is missing, or the device is not there.
    """
    from model.bridgetower import BridgeTower

    return BridgeTower.load(settings.model, device=settings.device)


def open_engine(library: "Library", model: "BridgeTower") -> "Engine":
    """Search over `library` with `model`, reading photos again from their files for the re-rank."""
    from search.engine import Engine

    return Engine(library, model, load_photo=load_photo)


def fingerprint(path: str) -> int | None:
    """The perceptual hash of a photo file; None when it cannot be read."""
    from indexer.errors import PhotoUnreadable
    from indexer.fingerprint import perceptual_hash

    try:
        return perceptual_hash(load_photo(path))
    except PhotoUnreadable:
        return None


def load_photo(path: str | Path) -> "Image.Image":
    """One photo file as an upright RGB image.

    Raises:
        PhotoUnreadable: it is missing, damaged, too large, or no photo.
    """
    from indexer.decode import decode

    return decode(Path(path)).photo


def load_small(path: str, edge: int) -> "Image.Image":
    """A photo as `load_photo`, whose longer edge needs so many pixels only: a large JPEG loads faster.

    Raises:
        PhotoUnreadable: as `load_photo`.
    """
    from indexer.decode import decode

    def resized(width: int, height: int) -> tuple[int, int]:
        scale = edge / max(width, height)
        return max(1, round(width * scale)), max(1, round(height * scale))

    return decode(Path(path), resized).photo
