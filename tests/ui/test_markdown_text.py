"""Text for labels: no mark of Markdown takes effect."""

import pytest

from ui.markdown_text import plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a dog", "a dog"), ("*a*", r"\*a\*"), (":red[a]", r"\:red\[a\]"), ("$1$", r"\$1\$"), ("<b>", r"\<b\>")],
)
def test_marks_stand_for_themselves(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_control_characters_are_spelled_out() -> None:
    assert plain("a\x1b") == "a\\\\x1b"
