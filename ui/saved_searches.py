"""Searches that a visitor wants to find again: names and addresses, in a file of the library's folder.

They are of this library, as they may name its folders and photos, and go wherever its folder goes.
"""

from __future__ import annotations

import threading
from pathlib import Path

from storage.opening import BACKGROUND
from ui.errors import UiError
from ui.progress_file import read_json, write_json

FILE = Path(BACKGROUND) / "searches.json"
MOST = 200
LONGEST_NAME = 120
_WRITING = threading.Lock()


def saved(library: Path) -> dict[str, str]:
    """Addresses of the searches in this library's folder, by name, in the order they were saved."""
    found = read_json(library / FILE)
    return {name: link for name, link in found.items() if isinstance(link, str) and link.startswith("?")}


def save(library: Path, name: str, link: str) -> None:
    """Keep a search; one of the same name gives way.

    Raises:
        UiError: the name is empty or too long, there are too many, or the file holds something else.
        OSError: the folder cannot be written to; what was saved before stays.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise UiError(f"expected a name of 1 to {LONGEST_NAME} characters; found {len(name)}")
    with _WRITING:
        searches = saved(library)
        if len(searches) >= MOST and name not in searches:
            raise UiError(f"there are {MOST} saved searches, which is the most; remove one first")
        _write(library / FILE, {**searches, name: link})


def remove(library: Path, name: str) -> None:
    """Forget a search; one that is not there is no error.

    Raises:
        OSError: the folder cannot be written to.
    """
    with _WRITING:
        searches = saved(library)
        if searches.pop(name, None) is not None:
            _write(library / FILE, searches)


def _write(file: Path, searches: dict[str, str]) -> None:
    if (
        file.exists()
        and not read_json(file)
        and file.read_text(encoding="utf-8", errors="replace").strip() != "{}"
    ):
        raise UiError(f"{file} is damaged: expected a JSON object. Mend it or move it away, then save again.")
    file.parent.mkdir(exist_ok=True)
    write_json(file, dict(searches))
