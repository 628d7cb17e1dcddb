"""The look of the web page, and its messages as HTML. Every text from outside is escaped here."""

from __future__ import annotations

from html import escape

from PIL import Image, ImageDraw

from ui.render import printable

ACCENT = "#0f766e"
"""The one colour of the page."""
ACCENT_ON_DARK = "#2dd4bf"
"""The same where the page is dark."""
STYLE = """
<style>
:root { --accent: light-dark(ACCENT, ON_DARK); --quiet-text: light-dark(#526075, #94a3b8); }
.stMainBlockContainer { padding-top: 4.5rem; }
.bl-title { font-size: 2.2rem; font-weight: 700; letter-spacing: -0.03em; margin: 0; line-height: 1.1; }
.bl-title span { color: var(--accent); }
.st-key-leave { position: absolute; top: 4.5rem; right: 1rem; width: auto; }
.bl-tagline { color: var(--quiet-text); margin: 0.25rem 0 0; }
.bl-line { color: var(--quiet-text); font-size: 0.85rem; margin: 0; }
.bl-badge { display: inline-block; margin: 0 0 0.3rem; padding: 0.1rem 0.6rem; border-radius: 1rem;
  font-size: 0.8rem; color: light-dark(#115e59, #5eead4); background: light-dark(#ccfbf1, #134e4a); }
.bl-panel { font-size: 1.1rem; margin: 0; padding: 0; }
.bl-note { border: 1px solid light-dark(#e2e8f0, #334155); border-left: 4px solid var(--accent);
  border-radius: 0.5rem; padding: 1rem 1.25rem; background: light-dark(#f8fafc, #1e293b); max-width: 46rem; }
.bl-note h3 { font-size: 1.05rem; margin: 0 0 0.35rem; padding: 0; }
.bl-note p { margin: 0; color: light-dark(#475569, #cbd5e1); overflow-wrap: anywhere; }
.bl-note code { display: inline-block; margin-top: 0.6rem; color: var(--accent);
  background: light-dark(#ecfdf5, #134e4a);
  padding: 0.2rem 0.5rem; border-radius: 0.3rem; }
</style>
""".replace("ACCENT", ACCENT).replace("ON_DARK", ACCENT_ON_DARK)
TITLE = """
<h1 class="bl-title">bridge<span>lens</span></h1>
<p class="bl-tagline">Type a caption, find the photo.</p>
"""


def accent_in(theme: str | None) -> str:
    """The accent on a page of Streamlit's theme type, `dark` or another."""
    return ACCENT_ON_DARK if theme == "dark" else ACCENT


def icon() -> Image.Image:
    """The browser tab's icon, a lens; drawn here because Streamlit fetches named icons from the internet."""
    image = Image.new("RGBA", (64, 64))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((2, 2, 61, 61), radius=14, fill=ACCENT)
    draw.ellipse((15, 15, 40, 40), outline="white", width=5)
    draw.line((38, 38, 49, 49), fill="white", width=6)
    return image


def note(heading: str, text: str, command: str = "") -> str:
    """A framed message: what is the matter, and the command that mends it."""
    code = f"<code>{_safe(command)}</code>" if command else ""
    return f'<div class="bl-note" role="status"><h3>{_safe(heading)}</h3><p>{_safe(text)}</p>{code}</div>'


def badge(text: str) -> str:
    """A few words on what goes on, read out when they change."""
    return f'<p class="bl-badge" role="status">{_safe(text)}</p>'


def line(text: str) -> str:
    """One quiet line under or over the results."""
    return f'<p class="bl-line">{_safe(text)}</p>'


def _safe(text: str) -> str:
    return escape(printable(text), quote=True)
