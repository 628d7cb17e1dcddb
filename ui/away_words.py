"""What is said of a folder or a photo that is not there, and what to do about it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from storage.presence import is_offline

if TYPE_CHECKING:
    from storage.library import Library
    from storage.records import PhotoRecord

LOOK = "look for changes on the Library page"


def away(folder: str) -> str:
    """That a folder of the library is offline, as `storage.presence.is_offline` means it."""
    return f"{folder} is not there or empty"


def in_its_place(reason: str, photo: PhotoRecord | None, library: Library) -> str:
    """Words in the place of a picture: why there is none, and what to do."""
    folder = None if photo is None else _folder_away(photo, library)
    return f"{reason}: {LOOK}" if folder is None else f"{away(folder)}: plug in its disk"


def what_is_the_matter(photo: PhotoRecord, library: Library) -> str:
    """Why a photo cannot be shown, and what to do about it, in sentences."""
    folder = _folder_away(photo, library)
    if folder is not None:
        return f"{away(folder)}: plug in its disk, then reload this page."
    if not photo.paths:
        return f"It was gone at the last look. Put it back, then {LOOK}."
    return f"It has changed since it was indexed. {LOOK[0].upper()}{LOOK[1:]}."


def _folder_away(photo: PhotoRecord, library: Library) -> str | None:
    """The folder of the library that a photo lies in and that is not there; None when it is."""
    for root in library.roots():
        if any(path.startswith(os.path.join(root, "")) for path in photo.paths) and is_offline(root):
            return root
    return None
