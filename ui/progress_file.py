"""How far a run is, in a file that another program may read at any moment."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from indexer.report import Progress

PAUSE_S = 0.25
"""Seconds between two writes: a page asks about once a second, and a small library has hundreds of steps."""


class ProgressFile:
    """Written whole or not at all, and not at every step. One that cannot be written stops no run."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Write to `path`; `clock` counts seconds."""
        self._path = path
        self._clock = clock
        self._next = clock()

    def write(self, progress: Progress) -> None:
        """Note where the run is; the last step is always noted."""
        if self._clock() < self._next and progress.done != progress.total:
            return
        self._next = self._clock() + PAUSE_S
        with suppress(OSError):
            write_json(self._path, asdict(progress))


def read_progress(path: Path) -> Progress | None:
    """Where a run is; None before its first step, or when the file holds something else."""
    from indexer.report import Progress

    try:
        return Progress(**read_json(path))
    except TypeError:
        return None


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Put a JSON object in the file's place, so that a reader finds the old one or the new one.

    Raises:
        OSError: it cannot be written, as on a full disk; what was there stays.
    """
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        partial.write_text(json.dumps(value), encoding="utf-8")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file; empty when there is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
