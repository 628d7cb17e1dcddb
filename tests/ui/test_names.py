"""Streamlit puts ui/ first on sys.path: a file here must not take a package's name (`tables` is PyTables)."""

import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import ui


def test_no_file_in_ui_is_named_like_a_package() -> None:
    names = {path.stem for path in Path(ui.__file__).parent.glob("*.py")} - {"__init__"}
    assert not names & (set(sys.stdlib_module_names) | set(packages_distributions()) | {"tables", "progress"})
