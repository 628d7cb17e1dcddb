"""What the server imports ahead; tests/e2e/test_opening_ahead.py has it load the model."""

from __future__ import annotations

import ast
from pathlib import Path

import ui
from ui.opening_ahead import IMPORTED


def test_it_imports_every_page() -> None:
    script = ast.parse(Path(ui.__file__).with_name("web.py").read_text(encoding="utf-8"))
    imported = [node for node in ast.walk(script) if isinstance(node, ast.ImportFrom)]
    pages = {each.name for node in imported if node.module == "ui.web_pages" for each in node.names}
    assert {name for name in pages if name.endswith("_page")} == {
        name.removeprefix("ui.web_pages.") for name in IMPORTED if name.startswith("ui.web_pages.")
    }
