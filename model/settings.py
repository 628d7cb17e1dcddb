"""`bridgelens.json` in a checkpoint folder: what is known of the checkpoint beyond Hugging Face's files.

    {"rerank": {"similarity_weight": 25.0, "hubness_share": 0.5, "look_share": 0.75, "look_weight": 0.5},
     "calibration": {"constant": -3.1, ...}, "heat_map": {"right_half": 0.9}, "tags": {"probability": 0.04}}

Whoever trained or measured the checkpoint wrote it. Without it a re-rank is ITM alone, scores are raw, heat
maps are an illustration, and tags need the probability that does well for mini.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.errors import CheckpointInvalid

NAME = "bridgelens.json"
LEAST_SHARE = 0.1  # of a photo's side: less shows nothing
RANKING = ("similarity_weight", "hubness_share", "look_share", "look_weight")
FORM = (
    '{"rerank": {"similarity_weight": NUMBER, "hubness_share": NUMBER, "look_share": NUMBER, "look_weight": '
    'NUMBER}, "calibration": {NAME: NUMBER, ...}, '
    '"heat_map": {"right_half": NUMBER}, "tags": {"probability": NUMBER}}, some parts or none'
)


@dataclass(frozen=True)
class CheckpointSettings:
    """`similarity_weight`: the ITM log-odds that one unit of cosine similarity counts for in a re-rank.

    `hubness_share`: how much of a photo's nearness to typical captions a re-rank takes off its similarity.
    `look_share`: how much of each side, 0.1 to 1, a re-rank's second look at a photo sees.
    `look_weight`: what its embedding counts beside the stored one's 1; 0 is no second look.
    `calibration`: coefficients by name, which `search.calibration` reads; None where nobody measured them.
    `heat_map_right`: how often, 0 to 1, its heat maps lie on the right one of two photos side by side, as
    `benchmarks.heat_maps` measures it; None where nobody did.
    `tag_probability`: masked-LM probability that a tag needs, chosen by `benchmarks.tags`; None likewise.
    """

    similarity_weight: float = 0.0
    calibration: Mapping[str, float] | None = None
    heat_map_right: float | None = None
    tag_probability: float | None = None
    hubness_share: float = 0.0
    look_share: float = 1.0
    look_weight: float = 0.0


def read_settings(folder: Path) -> CheckpointSettings:
    """The settings of a checkpoint folder; those of a checkpoint without the file are the defaults.

    Raises:
        CheckpointInvalid: the file is there, but not in this form.
    """
    raw = _read(folder / NAME)
    try:
        rerank = raw.get("rerank", {})
        ranking = {name: float(value) for name, value in rerank.items() if name in RANKING}
        if not LEAST_SHARE <= ranking.get("look_share", 1.0) <= 1:
            raise ValueError(f"look_share is {ranking['look_share']}: expected {LEAST_SHARE} to 1")
        if not 0 <= ranking.get("look_weight", 0.0) < math.inf:
            raise ValueError(f"look_weight is {ranking['look_weight']}: expected 0 or more")
        calibration = raw.get("calibration")
        if calibration is not None:
            calibration = {str(name): float(value) for name, value in calibration.items()}
        right, least = (
            _number(raw, *names) for names in (("heat_map", "right_half"), ("tags", "probability"))
        )
    except (AttributeError, ValueError, TypeError) as error:
        raise CheckpointInvalid(f"{folder / NAME}: expected {FORM} ({error!r})") from error
    return CheckpointSettings(calibration=calibration, heat_map_right=right, tag_probability=least, **ranking)


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


def _number(raw: Mapping[str, Any], part: str, name: str) -> float | None:
    value = raw.get(part, {}).get(name)
    return None if value is None else float(value)


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
