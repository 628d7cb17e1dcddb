"""The process of a background run: `bridgelens`, and a note of how it ended.

`python -m ui.background_child ENDED COMMAND...` runs the command as the terminal would, and puts its exit
code into the file ENDED. Killed, it leaves no such file, which tells the page that it died.
"""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from ui.progress_file import write_json


def run(ended: Path, command: list[str]) -> None:
    """Run `bridgelens COMMAND...`; whatever it raises goes on its way once the end is noted."""
    # The name under which the writer lock tells others who holds it.
    sys.argv = ["bridgelens", *command]
    # A request to stop that comes before the command listens for it, as while the model is loaded.
    signal.signal(signal.SIGTERM, _stop_at_once)
    code: object = 1
    try:
        from ui.cli import main

        main()
        code = 0
    except SystemExit as leaving:
        code = leaving.code or 0
        raise
    finally:
        with suppress(OSError):  # on a full disk the page says that the run died, and shows its last words
            write_json(ended, {"code": code, "at": datetime.now(UTC).isoformat()})


def _stop_at_once(number: int, frame: FrameType | None) -> None:
    raise SystemExit(130)


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2:])
