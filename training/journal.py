"""The learning curve: one JSON line an event, appended as training goes."""

from __future__ import annotations

import json
import time
from pathlib import Path


class Journal:
    """Appends events to a JSON-lines file; a resumed run goes on in the same file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._started = time.monotonic()

    def write(self, **event: object) -> None:
        """Append one event, with the seconds since this run began."""
        line = json.dumps({"seconds": round(time.monotonic() - self._started, 1), **event})
        with self._path.open("a", encoding="utf-8") as journal:
            journal.write(line + "\n")
