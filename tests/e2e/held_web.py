"""`bridgelens web` whose re-rank waits before it reads a photo, as long as the file named first is there.

Run as a script: the file, then what follows `bridgelens`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ui import compose
from ui.cli import main

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from model.bridgetower import BridgeTower
    from storage.library import Library
    from storage.records import PhotoRecord

HOLD = Path(sys.argv.pop(1))
pixels_of = compose.pixels_of


def held(library: Library, model: BridgeTower) -> Callable[[PhotoRecord], NDArray[np.uint8]]:
    """As `compose.pixels_of`, once it is let go."""
    pixels = pixels_of(library, model)

    def wait(photo: PhotoRecord) -> NDArray[np.uint8]:
        while HOLD.exists():
            time.sleep(0.05)
        return pixels(photo)

    return wait


compose.pixels_of = held
main()
