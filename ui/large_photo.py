"""One photo and what is known of it as HTML. Every text from outside is escaped here."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from storage.records import PhotoRecord
from ui.markup import safe

STYLE = """
<style>
.bl-heading { font-size: 1.4rem; margin: 0; padding: 0; overflow-wrap: anywhere; }
/* The names of the keys on the buttons, which Streamlit draws too pale to be read by all. */
.stButton kbd { color: inherit; opacity: 1; }
.bl-large { margin: 0; }
.bl-large img, .bl-large .bl-gone { display: block; width: 100%; height: auto; max-height: 78vh;
  aspect-ratio: var(--shape); object-fit: contain; border-radius: 0.5rem;
  background: color-mix(in srgb, currentColor 6%, transparent); }
.bl-facts { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1rem; margin: 0;
  padding: 0; font-size: 0.875rem; }
.bl-facts dt, .bl-facts dd { margin: 0; padding: 0; overflow-wrap: anywhere; white-space: pre-line; }
.bl-facts dt { font-weight: 600; }
</style>
"""


def picture(jpeg: bytes | str, name: str, photo: PhotoRecord) -> str:
    """A photo in its own shape: a JPEG file, or the words to show where there is none."""
    if isinstance(jpeg, bytes):
        data = base64.b64encode(jpeg).decode("ascii")
        shown = f'<img alt="{safe(name)}" src="data:image/jpeg;base64,{data}">'
    else:
        shown = f'<div class="bl-gone">{safe(jpeg)}</div>'
    return f'<figure class="bl-large" style="--shape: {photo.width / photo.height:.4f}">{shown}</figure>'


def facts(each: Sequence[tuple[str, str]]) -> str:
    """Names and what is said, one below another."""
    items = "".join(f"<dt>{safe(name)}</dt><dd>{_lines(value)}</dd>" for name, value in each)
    return f'<dl class="bl-facts">{items}</dl>'


def _lines(text: str) -> str:
    """Text that keeps its line breaks."""
    return "\n".join(map(safe, text.split("\n")))
