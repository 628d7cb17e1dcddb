"""A page as Streamlit's own test runner sees it after a visit."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest


def visited(script: Path, patience_s: float, query: dict[str, str]) -> AppTest:
    """The page as it is after a visit with these words in the URL."""
    page = AppTest.from_file(str(script), default_timeout=patience_s)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def html(page: AppTest) -> str:
    """All HTML on the page, in order."""
    return "\n".join(element.proto.body for element in page.get("html"))
