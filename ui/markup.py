"""Tables and photos of the Library and Insight pages as HTML. Every text from outside is escaped here."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from ui.render import printable

STYLE = """
<style>
.bl-scroll { overflow-x: auto; }
.bl-table { border-collapse: collapse; width: 100%; font-size: 0.875rem; }
.bl-table caption { text-align: left; color: var(--quiet-text); padding-bottom: 0.4rem; }
.bl-table th { text-align: left; color: light-dark(#475569, #cbd5e1); font-weight: 600; }
.bl-table th, .bl-table td { border-bottom: 1px solid light-dark(#e2e8f0, #334155);
  padding: 0.35rem 0.75rem 0.35rem 0; vertical-align: top; overflow-wrap: anywhere; }
.bl-table .bl-number { white-space: nowrap; font-variant-numeric: tabular-nums; }
.bl-counts { display: flex; flex-wrap: wrap; gap: 0.25rem 2rem; margin: 0; padding: 0; }
.bl-counts div { display: flex; flex-direction: column-reverse; }
.bl-counts dt { color: var(--quiet-text); font-size: 0.8rem; }
.bl-counts dd, .bl-counts dt { margin: 0; padding: 0; }
.bl-counts dd { font-size: 1.4rem; font-weight: 600; color: inherit; }
.bl-tiles { display: flex; flex-wrap: wrap; gap: 0.9rem; align-items: flex-start; list-style: none;
  margin: 0; padding: 0; }
.bl-tiles li { width: 12rem; margin: 0; font-size: 0.75rem; color: var(--quiet-text);
  overflow-wrap: anywhere; }
.bl-tiles a { display: block; color: inherit; border-radius: 0.5rem; }
.bl-tiles a:focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }
.bl-tiles img, .bl-none { display: block; width: 100%; height: 9rem; object-fit: contain;
  background: light-dark(#f1f5f9, #1e293b); border-radius: 0.5rem; }
.bl-none { display: grid; place-items: center; text-align: center; }
.bl-tiles b { color: var(--accent); }
.bl-links h3 { font-size: 0.9rem; padding: 0; margin: 0 0 0.2rem; }
.bl-links ul { font-size: 0.85rem; margin: 0; overflow-wrap: anywhere; }
</style>
"""


@dataclass(frozen=True, slots=True)
class Tile:
    """One photo: a JPEG file, or the words to show where there is none; its name; lines about it.

    `mark` stands out above the lines, as in `keep`. The picture leads to the address `link`, if any.
    """

    picture: bytes | str
    name: str
    lines: Sequence[str] = ()
    mark: str = ""
    link: str = ""


def safe(text: str) -> str:
    """Text for HTML, between tags or within a quoted attribute."""
    return escape(printable(text), quote=True)


def safe_attribute(html: str) -> str:
    """HTML as the value of a quoted attribute, such as `srcdoc`: what it says is left as it is."""
    return escape(html, quote=True)


def table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[str | int]]) -> str:
    """A table; numbers have separators of thousands."""
    head = "".join(f'<th scope="col">{safe(heading)}</th>' for heading in headings)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return (
        f'<div class="bl-scroll"><table class="bl-table"><caption>{safe(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def counts(facts: Iterable[tuple[str, str]]) -> str:
    """Names and values in a row, the values large."""
    items = "".join(f"<div><dt>{safe(name)}</dt><dd>{safe(value)}</dd></div>" for name, value in facts)
    return f'<dl class="bl-counts">{items}</dl>'


def tiles(photos: Iterable[Tile]) -> str:
    """Photos side by side, in boxes of one size."""
    return f'<ul class="bl-tiles">{"".join(map(_tile, photos))}</ul>'


def _cell(value: str | int) -> str:
    if isinstance(value, int):
        return f'<td class="bl-number">{value:,}</td>'
    return f"<td>{safe(value)}</td>"


def _tile(tile: Tile) -> str:
    if isinstance(tile.picture, bytes):
        data = base64.b64encode(tile.picture).decode("ascii")
        shown = f'<img alt="{safe(tile.name)}" src="data:image/jpeg;base64,{data}">'
    else:
        shown = f'<div class="bl-none">{safe(tile.picture)}</div>'
    if tile.link:
        shown = f'<a href="{safe(tile.link)}" target="_self">{shown}</a>'
    mark = f"<b>{safe(tile.mark)}</b>" if tile.mark else ""
    lines = "".join(f"<div>{safe(line)}</div>" for line in tile.lines)
    return f"<li>{shown}{mark}{lines}</li>"


def links(heading: str, found: Sequence[tuple[str, str]]) -> str:
    """A heading and links under it, each words and the address that they lead to."""
    items = "".join(
        f'<li><a href="{safe(address)}" target="_self">{safe(words)}</a></li>' for words, address in found
    )
    return f'<div class="bl-links"><h3>{safe(heading)}</h3><ul>{items or "<li>none yet</li>"}</ul></div>'
