"""Whether a folder of photos is there: what an unplugged disk leaves behind is no deletion."""

import os


def is_offline(folder: str) -> bool:
    """Whether a folder is not there, or empty, as the place of a disk that is not plugged in."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:
        return True
