"""Opens the parts a command needs from its settings and fits them together.

The imports are inside the functions because torch, faiss and SQLAlchemy take seconds, which `--help` must not
pay for.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ui.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from indexer.decode import Decoded
    from indexer.draft import Resized
    from model.bridgetower import BridgeTower
    from search.engine import Engine
    from storage.library import Library
    from storage.records import PhotoRecord


def open_library(settings: Settings, *, create: bool = False, write: bool = False) -> "Library":
    """The library of these settings, to use in a `with` statement.

    Raises:
        StorageError: it is not there, not ours, newer than this program, or being written by another.
    """
    from storage.library import Library

    return Library.open(settings.library, create=create, write=write, pixel_bytes=settings.pixel_cache)


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


def calibration_of(settings: Settings) -> "Mapping[str, float] | None":
    """The calibration of these settings' model, from its folder, without loading the model; None without one.

    Raises:
        ModelError: no such checkpoint, or its `bridgelens.json` is not in our form.
    """
    from model.checkpoint import resolve
    from model.settings import read_settings

    return read_settings(resolve(settings.model).folder).calibration


def open_engine(library: "Library", model: "BridgeTower") -> "Engine":
    """Search over `library` with `model`; a re-rank takes the pixels that were kept, else the files."""
    from search.engine import Engine

    return Engine(library, model, load_photo, pixels_of(library, model))


def pixels_of(library: "Library", model: "BridgeTower") -> "Callable[[PhotoRecord], NDArray[np.uint8]]":
    """What gives a photo of the library as `model` takes it, uint8 (side, side, 3).

    It is the crop of `Preprocessor.crop_of` that was kept when the photo was embedded; else one is decoded in
    the same way, and kept where the library's folder can be written to. It raises `PhotoUnreadable` when no
    file of the photo can be read. Safe to use in threads.
    """

    def pixels(photo: "PhotoRecord") -> "NDArray[np.uint8]":
        crop = library.pixels.get(photo.content_hash, model.fingerprint)
        if crop is None:
            decoded = decode_first(photo.paths, model.preprocessor.resized)
            crop = model.preprocessor.crop_of(decoded.photo)
            # The file may hold another photo by now: it is kept as what it is.
            library.pixels.put(decoded.facts.content_hash, model.fingerprint, crop)
        return crop

    return pixels


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


def decode_first(paths: Sequence[str], resized: "Resized | None" = None) -> "Decoded":
    """The first of a photo's files that can be read, decoded no larger than its use needs; else whole.

    Raises:
        PhotoUnreadable: none can be, or there is none; the reason is the first one's.
    """
    from indexer.decode import decode
    from indexer.errors import PhotoUnreadable

    refused: PhotoUnreadable | None = None
    for path in paths:
        try:
            return decode(path, resized)
        except PhotoUnreadable as error:
            refused = refused or error
    raise refused or PhotoUnreadable("photo", "no file of it is there", lasting=False)
