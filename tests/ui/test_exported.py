import errno
import os

from ui.exported import reason_of


def test_a_reason_is_a_short_phrase() -> None:
    assert reason_of(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/a/b")) == "no space left on device"
    assert reason_of(OSError("Odd")) == "odd"
