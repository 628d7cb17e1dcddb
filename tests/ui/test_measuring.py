"""Both measuring commands are part of the command line and say what they need."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize("command", ["evaluate", "calibrate"])
def test_each_explains_itself_with_an_example(bridgelens: Callable[..., Any], command: str) -> None:
    ran = bridgelens(command, "--help")
    assert ran.code == 0
    assert f"bridgelens {command} captions.csv photos/" in ran.out


def test_photos_without_captions_cannot_calibrate(bridgelens: Callable[..., Any], photos: Path) -> None:
    ran = bridgelens("calibrate", photos)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: ") and len(ran.err.splitlines()) == 1
