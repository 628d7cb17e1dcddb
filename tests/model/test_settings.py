"""What `bridgelens.json` says, read from and written to real folders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from model.errors import CheckpointInvalid
from model.settings import CheckpointSettings, read_settings, write_calibration


def test_a_checkpoint_without_the_file_re_ranks_by_itm_alone_and_is_not_calibrated(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == CheckpointSettings(similarity_weight=0.0, calibration=None)


def test_all_parts_are_read(tmp_path: Path) -> None:
    (tmp_path / "bridgelens.json").write_text(
        '{"rerank": {"similarity_weight": 12.5, "hubness_share": 0.5}, '
        '"calibration": {"constant": -3, "threshold": 0.25}, '
        '"heat_map": {"right_half": 0.9}, "tags": {"probability": 0.04}}'
    )
    expected = CheckpointSettings(12.5, {"constant": -3.0, "threshold": 0.25}, 0.9, 0.04, 0.5)
    assert read_settings(tmp_path) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"rerank": 3}',
        '{"rerank": {"similarity_weight": "much"}}',
        '{"rerank": []}',
        '{"rerank": {"look_weight": -1}}',
        '{"rerank": {"hubness_share": [1]}}',
        '{"calibration": [1, 2]}',
        '{"calibration": {"constant": "low"}}',
        '{"heat_map": 0.9}',
        '{"tags": {"probability": "likely"}}',
    ],
)
def test_another_form_is_refused_with_the_file_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "bridgelens.json").write_text(text)
    with pytest.raises(CheckpointInvalid, match=r"bridgelens\.json: expected"):
        read_settings(tmp_path)


def test_a_calibration_is_kept_beside_what_the_file_says(tmp_path: Path) -> None:
    path = tmp_path / "bridgelens.json"
    path.write_text('{"rerank": {"similarity_weight": 12.5}, "calibration": {"old": 1.0}}')
    assert write_calibration(tmp_path, {"constant": -1.5}) == path
    assert json.loads(path.read_text()) == {
        "rerank": {"similarity_weight": 12.5},
        "calibration": {"constant": -1.5},
    }
    assert [each.name for each in tmp_path.iterdir()] == ["bridgelens.json"]


def test_a_folder_that_cannot_be_written_to_keeps_its_file(tmp_path: Path) -> None:
    path = tmp_path / "bridgelens.json"
    path.write_text("{}")
    (tmp_path / "bridgelens.partial").mkdir()  # stands in the way even of root
    with pytest.raises(OSError, match=r"bridgelens\.partial"):
        write_calibration(tmp_path, {"constant": 1.0})
    assert path.read_text() == "{}"
