"""`python -m training`: the plan where nothing is asked for, and a folder without photos refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from training.__main__ import PLAN, main


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.command()(main)
    return app


def test_without_arguments_the_plan_is_printed_as_it_is_written(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 0
    assert result.stdout == PLAN + "\n"  # on any width: a command to copy is not broken in two


def test_a_folder_without_captions_is_refused(app: typer.Typer, tmp_path: Path) -> None:
    work = tmp_path / "work"
    result = CliRunner().invoke(app, ["--data", str(tmp_path), "--work", str(work)])
    assert result.exit_code == 2
    assert "train.csv" in result.stderr
    assert not work.exists()
