"""What the workers are asked to do in tests; child processes must be able to import it."""

from __future__ import annotations

import os
import signal
import time


def double(number: int) -> int:
    return 2 * number


def own_pid(_: object) -> int:
    return os.getpid()


def die(_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leave(code: int) -> None:
    os._exit(code)


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def say_and_sleep(seconds: float) -> None:
    os.write(1, b"busy\n")
    time.sleep(seconds)


def compute_for_ever(_: object) -> None:
    while True:
        pass


def take_memory(size: int) -> str:
    try:
        return f"took {len(bytearray(size))}"
    except MemoryError:
        return "no memory"
