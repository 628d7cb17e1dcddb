"""What `bridgelens calibrate` prints and keeps, of a fit whose figures are known."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from search import calibrating
from search.calibrating import Measured
from search.calibration import Calibration
from search.calibration_error import Bin

Run = Callable[..., Any]
FITTED = Measured(
    Calibration((1, 2, 3, 4, 5), -6, 0.125), error=0.0312, bins=(Bin(0.5, 0.25, 400),),
    answered_present=0.904, answered_absent=0.25, present=400, absent=390,
)  # fmt: skip
KEPT = {
    "similarity": 1, "log_odds": 2, "above_mean": 3, "log_share": 4, "log_size": 5, "constant": -6,
    "threshold": 0.125,
}  # fmt: skip


@pytest.fixture
def checkpoint(encoder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkpoint folder of the encoder that commands load; a fit of it has the figures above."""
    encoder.folder = tmp_path / "checkpoint"
    encoder.folder.mkdir()
    (encoder.folder / "bridgelens.json").write_text('{"rerank": {"similarity_weight": 3.0}}')
    monkeypatch.setattr(calibrating, "calibrate", lambda *_: FITTED)
    return Path(encoder.folder)


@pytest.fixture
def captions(photos: Path) -> Path:
    path = photos.parent / "captions.csv"
    path.write_text("image,caption\nred.png,red\ngreen.png,green\n", encoding="utf-8")
    return path


def test_the_calibration_is_kept_beside_the_weights(
    bridgelens: Run, checkpoint: Path, photos: Path, captions: Path
) -> None:
    ran = bridgelens("calibrate", captions, photos)
    assert ran.code == 0
    kept = json.loads((checkpoint / "bridgelens.json").read_text())
    assert kept == {"rerank": {"similarity_weight": 3.0}, "calibration": KEPT}
    assert str(checkpoint / "bridgelens.json") in ran.err
    for figure in ("400 captions", "0.031", "12.5%", "90.4%", "25.0%"):
        assert figure in ran.out


def test_a_dry_run_keeps_nothing(bridgelens: Run, checkpoint: Path, photos: Path, captions: Path) -> None:
    before = (checkpoint / "bridgelens.json").read_text()
    ran = bridgelens("calibrate", captions, photos, "--dry-run", "--json")
    found = json.loads(ran.out)
    assert (found["error"], found["answered_absent"], found["calibration"]) == (0.0312, 0.25, KEPT)
    assert (checkpoint / "bridgelens.json").read_text() == before


def test_a_folder_that_cannot_be_written_to_is_said_after_the_figures(
    bridgelens: Run, checkpoint: Path, photos: Path, captions: Path
) -> None:
    (checkpoint / "bridgelens.partial").mkdir()
    ran = bridgelens("calibrate", captions, photos)
    assert ran.code == 2
    assert "90.4%" in ran.out
    assert "bridgelens.partial" in ran.err.splitlines()[-1]
