"""The version that is stated is that of the installed package, from whatever metadata there is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ui.own_version import NOT_INSTALLED, own_version


def test_it_is_what_the_metadata_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = tmp_path / "bridgelens-1.2.3.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.4\nName: bridgelens\nVersion: 1.2.3\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert own_version() == "1.2.3"


def test_a_tree_that_is_not_installed_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert own_version() == NOT_INSTALLED
