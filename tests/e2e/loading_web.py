"""`bridgelens web` that writes a line for each load of the model, and waits in it as long as a file is there.

Run as a script: the file to write to, the file to wait for, then what follows `bridgelens`.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ui import compose
from ui.cli import main

if TYPE_CHECKING:
    from model.bridgetower import BridgeTower
    from ui.settings import Settings

LOADS, HOLD = Path(sys.argv.pop(1)), Path(sys.argv.pop(1))
load_model = compose.load_model


def held(settings: Settings) -> BridgeTower:
    """As `compose.load_model`, once it is let go."""
    with LOADS.open("a") as loads:
        loads.write(f"{settings.model}\n")
    while HOLD.exists():
        time.sleep(0.05)
    return load_model(settings)


compose.load_model = held
main()
