"""Photos whose captions are known: a CSV file and a folder, or a folder with text beside its photos."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search.errors import CaptionsInvalid

COLUMNS = ("image", "caption")


@dataclass(frozen=True)
class Skipped:
    """A photo or line that an evaluation leaves out, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class CaptionedFolder:
    """Photos and their captions.

    `photos` are paths in order of first appearance; `photo_of_caption` is int64 (captions,), the place of
    each caption's own photo in `photos`.
    """

    photos: tuple[str, ...]
    captions: tuple[str, ...]
    photo_of_caption: NDArray[np.int64]
    skipped: tuple[Skipped, ...] = ()

    def only(self, kept: Sequence[int], skipped: Iterable[Skipped] = ()) -> CaptionedFolder:
        """The photos at these places, in this order, and their captions; `skipped` joins what was skipped."""
        place = np.full(len(self.photos), -1, np.int64)
        place[list(kept)] = np.arange(len(kept))
        rows = np.flatnonzero(place[self.photo_of_caption] >= 0)
        return CaptionedFolder(
            photos=tuple(self.photos[each] for each in kept),
            captions=tuple(self.captions[row] for row in rows),
            photo_of_caption=place[self.photo_of_caption[rows]],
            skipped=(*self.skipped, *skipped),
        )


def read_csv(captions: Path, photos: Path) -> CaptionedFolder:
    """The captions of a CSV file with the header `image,caption`, UTF-8; images are named from `photos`.

    A photo that is not there and a line without both are skipped.

    Raises:
        CaptionsInvalid: the file is no such CSV, or none of its photos is there.
        OSError: it cannot be opened.
    """
    skipped: list[Skipped] = []
    pairs = list(_csv_pairs(captions, photos, skipped))
    return _collect(pairs, skipped, f"{captions}: expected captions of photos in {photos}")


def read_sidecars(texts: Path, photos: Path, suffixes: Sequence[str]) -> CaptionedFolder:
    """The captions in text files named as the photos are: `a.jpg` has the lines of `a.txt`, UTF-8.

    `texts` is the folder of the text files, often `photos` itself; subfolders correspond. `suffixes` are
    those of photos, in small letters. A text without a photo is skipped, as is one that is not UTF-8; a photo
    without a text does not take part. Hidden files and folders are left out.

    Raises:
        CaptionsInvalid: no photo has a text file with a line in it.
        OSError: a folder cannot be listed.
    """
    skipped: list[Skipped] = []
    photos_of = _photos_by_stem(photos, suffixes)
    pairs: list[tuple[str, str]] = []
    for path in _files(texts):
        if path.suffix.lower() != ".txt":
            continue
        stem = os.fspath(path.relative_to(texts).with_suffix(""))
        if stem not in photos_of:
            skipped.append(Skipped(str(path), "no photo of this name"))
            continue
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            skipped.append(Skipped(str(path), f"cannot be read as UTF-8 text: {error}"))
            continue
        pairs += [(photo, line.strip()) for photo in photos_of[stem] for line in lines if line.strip()]
    wanted = f"{texts}: expected text files named as the photos in {photos}, such as cat.txt for cat.jpg"
    return _collect(pairs, skipped, wanted)


def _csv_pairs(captions: Path, photos: Path, skipped: list[Skipped]) -> Iterator[tuple[str, str]]:
    """Photo path and caption of each good line; what is wrong with the others goes to `skipped`."""
    missing: set[str] = set()
    try:
        with captions.open(newline="", encoding="utf-8-sig") as stream:
            lines = csv.DictReader(stream)
            header = [name.strip() for name in lines.fieldnames or ()]
            if not set(COLUMNS) <= set(header):
                found = ",".join(header)[:80] or "an empty file"
                raise CaptionsInvalid(
                    f"{captions}: expected a CSV file with the header image,caption; found {found!r}. "
                    "Give the columns these names."
                )
            lines.fieldnames = header
            for line in lines:
                name, caption = (" ".join((line[column] or "").split()) for column in COLUMNS)
                path = str(photos / (line["image"] or "").strip())
                if not name or not caption:
                    skipped.append(Skipped(f"{captions}, line {lines.line_num}", "no image or no caption"))
                elif path in missing or not os.path.exists(path):
                    if path not in missing:
                        skipped.append(Skipped(path, "not there"))
                    missing.add(path)
                else:
                    yield path, caption
    except (UnicodeDecodeError, csv.Error) as error:
        raise CaptionsInvalid(
            f"{captions}: expected CSV in UTF-8, found: {error}. Save it in that encoding and try again."
        ) from error


def _collect(pairs: Iterable[tuple[str, str]], skipped: Sequence[Skipped], wanted: str) -> CaptionedFolder:
    place: dict[str, int] = {}
    captions: list[str] = []
    owner: list[int] = []
    for path, caption in pairs:
        owner.append(place.setdefault(path, len(place)))
        captions.append(caption)
    if not captions:
        first = "".join(
            f" The first of {len(skipped):,} skipped: {each.path}: {each.reason}." for each in skipped[:1]
        )
        raise CaptionsInvalid(
            f"{wanted}, found none.{first} See bridgelens evaluate --help for both forms of captions."
        )
    return CaptionedFolder(tuple(place), tuple(captions), np.array(owner, np.int64), tuple(skipped))


def _photos_by_stem(folder: Path, suffixes: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in _files(folder):
        if path.suffix.lower() in suffixes:
            stem = os.fspath(path.relative_to(folder).with_suffix(""))
            found.setdefault(stem, []).append(str(path))
    return found


def _files(folder: Path) -> Iterator[Path]:
    """All files below a folder but hidden ones, sorted within each folder."""

    def refuse(error: OSError) -> None:
        raise error

    for parent, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent, name) for name in sorted(files) if not name.startswith("."))
