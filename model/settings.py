"""`bridgelens.json` in a checkpoint folder: what is known of the checkpoint beyond Hugging Face's files.

    {"rerank": {"similarity_weight": 25.0}, "calibration": {"constant": -3.1, ...}}

Whoever trained or measured the checkpoint wrote it. Without it a re-rank is ITM alone, and scores are raw.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.errors import CheckpointInvalid

NAME = "bridgelens.json"
FORM = '{"rerank": {"similarity_weight": NUMBER}, "calibration": {NAME: NUMBER, ...}}, either part or none'


@dataclass(frozen=True)
class CheckpointSettings:
    """`similarity_weight`: the ITM log-odds that one unit of cosine similarity counts for in a re-rank.

    `calibration`: coefficients by name, which `search.calibration` reads; None where nobody measured them.
    """

    similarity_weight: float = 0.0
    calibration: Mapping[str, float] | None = None


def read_settings(folder: Path) -> CheckpointSettings:
    """The settings of a checkpoint folder; those of a checkpoint without the file are the defaults.

    Raises:
        CheckpointInvalid: the file is there, but not in this form.
    """
    raw = _read(folder / NAME)
    try:
        weight = float(raw.get("rerank", {}).get("similarity_weight", 0.0))
        calibration = raw.get("calibration")
        if calibration is not None:
            calibration = {str(name): float(value) for name, value in calibration.items()}
    except (AttributeError, ValueError, TypeError) as error:
        raise CheckpointInvalid(f"{folder / NAME}: expected {FORM} ({error!r})") from error
    return CheckpointSettings(weight, calibration)


def write_calibration(folder: Path, calibration: Mapping[str, float]) -> Path:
    """Keep a calibration in the folder, whole or not at all, beside whatever else the file says; its path.

    Raises:
        CheckpointInvalid: the file is there and is not JSON.
        OSError: the folder cannot be written to.
    """
    path = folder / NAME
    settings = {**_read(path), "calibration": dict(calibration)}
    partial = path.with_suffix(".partial")
    try:
        with partial.open("w", encoding="utf-8") as file:
            file.write(json.dumps(settings, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CheckpointInvalid(f"{path}: expected {FORM} ({error!r})") from error
    if not isinstance(raw, dict):
        raise CheckpointInvalid(f"{path}: expected {FORM}, found a {type(raw).__name__}")
    return raw
