from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from ui import help_panels


def test_commands_stand_under_their_headings_in_the_order_of_the_table() -> None:
    app = typer.Typer(rich_markup_mode="rich", add_completion=False)
    for name in ("mcp", "web", "index"):
        app.command(name)(lambda: None)
    help_panels.arrange(app)
    shown = CliRunner().invoke(app, ["--help"]).output
    places = [shown.index(each) for each in ("Start here", "index", "web", "For other programs", "mcp")]
    assert places == sorted(places)


def test_a_command_without_a_heading_is_refused() -> None:
    app = typer.Typer()
    app.command("levitate")(lambda: None)
    with pytest.raises(ValueError, match="expected a heading for levitate"):
        help_panels.arrange(app)


def test_no_command_stands_twice() -> None:
    names = [name for panel in help_panels.PANELS.values() for name in panel]
    assert len(names) == len(set(names))
