"""Search results as HTML for the web page. Every text from outside is escaped here."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterable
from html import escape

from PIL import Image, ImageDraw

from search.query import Match
from ui.render import percent, printable, short_path

ACCENT = "#0f766e"
"""The one colour of the page."""
STYLE = """
<style>
:root { --accent: ACCENT; }
/* --shape is width / height. Growing in proportion to it gives all photos of a row one height. */
.stMainBlockContainer { padding-top: 4.5rem; }
.bl-title { font-size: 2.2rem; font-weight: 700; letter-spacing: -0.03em; margin: 0; line-height: 1.1; }
.bl-title span { color: var(--accent); }
.bl-tagline { color: #64748b; margin: 0.25rem 0 0; }
.bl-line { color: #64748b; font-size: 0.85rem; margin: 0; }
.bl-photos { display: flex; flex-wrap: wrap; gap: 1.1rem 0.9rem; align-items: flex-start; }
.bl-photos::after { content: ""; flex: 1000 1 0; }
.bl-photo { margin: 0; min-width: 8.5rem; flex: var(--shape) 1 calc(var(--shape) * 210px);
  max-width: min(100%, max(8.5rem, calc(var(--shape) * 290px))); }
@media (max-width: 640px) { .bl-photo { max-width: 100%; } }
.bl-photo img, .bl-gone { display: block; width: 100%; aspect-ratio: var(--shape); border-radius: 0.5rem;
  background: #f1f5f9; object-fit: contain; }
.bl-gone { display: grid; place-items: center; color: #64748b; font-size: 0.85rem; text-align: center; }
.bl-photo figcaption { font-size: 0.8rem; line-height: 1.35; padding: 0.4rem 0.1rem 0; }
.bl-name, .bl-path { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.bl-name { font-weight: 600; color: #0f172a; }
.bl-path { color: #64748b; font-size: 0.72rem; }
.bl-scores { display: flex; flex-wrap: wrap; gap: 0 0.6rem; color: #64748b; }
.bl-scores b { color: var(--accent); font-weight: 600; }
.bl-note { border: 1px solid #e2e8f0; border-left: 4px solid var(--accent); border-radius: 0.5rem;
  padding: 1rem 1.25rem; background: #f8fafc; max-width: 46rem; }
.bl-note h3 { font-size: 1.05rem; margin: 0 0 0.35rem; padding: 0; }
.bl-note p { margin: 0; color: #475569; overflow-wrap: anywhere; }
.bl-note code { display: inline-block; margin-top: 0.6rem; color: var(--accent); background: #ecfdf5;
  padding: 0.2rem 0.5rem; border-radius: 0.3rem; }
</style>
""".replace("ACCENT", ACCENT)
TITLE = """
<h1 class="bl-title">bridge<span>lens</span></h1>
<p class="bl-tagline">Type a caption, find the photo.</p>
"""


def icon() -> Image.Image:
    """The browser tab's icon, a lens; drawn here because Streamlit fetches named icons from the internet."""
    image = Image.new("RGBA", (64, 64))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((2, 2, 61, 61), radius=14, fill=ACCENT)
    draw.ellipse((15, 15, 40, 40), outline="white", width=5)
    draw.line((38, 38, 49, 49), fill="white", width=6)
    return image


def photos(matches: Iterable[Match], thumbnail_of: Callable[[Match], bytes | str]) -> str:
    """The results in rows of equal height, each photo in its own shape.

    `thumbnail_of` gives a JPEG file, or the words to show where there is none.
    """
    return f'<div class="bl-photos">{"".join(_figure(match, thumbnail_of(match)) for match in matches)}</div>'


def note(heading: str, text: str, command: str = "") -> str:
    """A framed message: what is the matter, and the command that mends it."""
    code = f"<code>{_safe(command)}</code>" if command else ""
    return f'<div class="bl-note" role="status"><h3>{_safe(heading)}</h3><p>{_safe(text)}</p>{code}</div>'


def line(text: str) -> str:
    """One quiet line under or over the results."""
    return f'<p class="bl-line">{_safe(text)}</p>'


def _figure(match: Match, picture: bytes | str) -> str:
    name = _safe(os.path.basename(match.path))
    folder = _safe(short_path(os.path.dirname(match.path)))
    if isinstance(picture, bytes):
        data = base64.b64encode(picture).decode("ascii")
        shown = f'<img alt="{name}" src="data:image/jpeg;base64,{data}">'
    else:
        shown = f'<div class="bl-gone">{_safe(picture)}</div>'
    scores = f'<span title="cosine of the two embeddings">similarity {match.similarity:.3f}</span>'
    if match.probability is not None:
        tip = "the probability that the photo is what the caption means"
        scores = f'<span title="{_safe(tip)}"><b>{percent(match.probability)}</b> match</span>' + scores
    others = len(match.copies) + len(match.folded)
    copies = f" · +{others} more" if others else ""
    return (
        f'<figure class="bl-photo" style="--shape: {match.width / match.height:.4f}">{shown}<figcaption>'
        f'<div class="bl-name" title="{_safe(match.path)}">{match.rank}. {name}</div>'
        f'<div class="bl-scores">{scores}</div>'
        f'<div class="bl-path" title="{_safe(match.path)}">{folder}{copies}</div></figcaption></figure>'
    )


def _safe(text: str) -> str:
    return escape(printable(text), quote=True)
