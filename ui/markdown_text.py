"""Text from outside for labels that Streamlit reads as Markdown."""

import re

from ui.render import printable

# Each stands for itself with a backslash before it; the colon would begin an icon, the dollar a formula.
_MEANS_SOMETHING = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^])")


def plain(text: str) -> str:
    """The text as Markdown that shows exactly it."""
    return _MEANS_SOMETHING.sub(r"\\\1", printable(text))
