"""Photos in rows that fill the window, each in its own shape. Every text from outside is escaped here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ui.markup import safe
from ui.match_words import Word

# --shape is width / height. Growing in proportion to it gives all photos of a row one height. Colours are
# mixed from the page's own text colour, so that they fit a light and a dark page.
STYLE = """
<style>
.bl-photos { --quiet: color-mix(in srgb, currentColor 72%, transparent); display: flex; flex-wrap: wrap;
  gap: 1rem 0.75rem; align-items: flex-start; list-style: none; margin: 0 !important; padding: 0 !important; }
.bl-photos::after { content: ""; flex: 1000 1 0; }
ul.bl-photos > li { margin: 0; padding: 0; min-width: 8.5rem;
  flex: var(--shape) 1 calc(var(--shape) * 12.5rem);
  max-width: min(100%, max(8.5rem, calc(var(--shape) * 24rem))); }
@media (max-width: 640px) { ul.bl-photos > li { min-width: 7rem; flex-basis: calc(var(--shape) * 8rem); } }
ul.bl-photos > .bl-fill { flex: 1000 1 0; min-width: 0; height: 0; }
ul.bl-photos > .bl-below { flex: 1 0 100%; max-width: 100%; border-top: 1px solid var(--quiet);
  padding-top: 0.3rem; font-size: 0.85rem; }
.bl-photo { margin: 0; }
.bl-photo > a { display: block; border-radius: 0.5rem; }
.bl-photo > a:focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }
.bl-photo img, .bl-gone { display: block; width: 100%; aspect-ratio: var(--shape); border-radius: 0.5rem;
  background: color-mix(in srgb, currentColor 8%, transparent); object-fit: contain; }
.bl-gone { display: grid; place-items: center; font-size: 0.85rem; text-align: center; min-height: 5rem; }
.bl-photo figcaption { font-size: 0.8rem; line-height: 1.4; padding: 0.35rem 0.1rem 0; }
.bl-name { font-weight: 600; }
.bl-name, .bl-path { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.bl-path { color: var(--quiet); font-size: 0.72rem; }
.bl-scores { display: flex; flex-wrap: wrap; align-items: center; gap: 0 0.5rem; color: var(--quiet); }
.bl-scores b { font-weight: 600; }
.bl-strong b { color: var(--accent); }
.bl-bar { flex: 0 0 3rem; height: 0.4rem; border-radius: 0.2rem; overflow: hidden;
  background: color-mix(in srgb, currentColor 18%, transparent); }
.bl-bar span { display: block; height: 100%; width: calc(var(--part) * 100%);
  background: var(--accent); }
.bl-weak .bl-bar span { background: currentColor; }
.bl-photos .bl-more-like, .bl-photos .bl-versions { font-size: 0.75rem; color: var(--quiet); }
.bl-photos .bl-versions { margin-right: 0.75rem; }
</style>
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """One photo of the grid.

    Attributes:
        picture: URL of its thumbnail; None where there is none, for the reason in `instead`.
        instead: Words in the place of the thumbnail: why there is none, and what to do.
        alt: What a screen reader says of it.
        shape: Its width divided by its height.
        name: The line under it.
        path: The file's whole path.
        folder: A quiet line with its folder.
        link: Address of its page.
        like: Address of a search for more like it.
        versions: How many versions of it are folded into it.
        unfolded: Address of a search that shows them; empty where there is none.
        word: How well it matches, where that is known.
        part: How full its bar is, 0 to 1; None has no bar.
        score: The score in words, with what it means in `tip`.
    """

    picture: str | None
    instead: str
    alt: str
    shape: float
    name: str
    path: str
    folder: str
    link: str
    like: str
    versions: int = 0
    unfolded: str = ""
    word: Word | None = None
    part: float | None = None
    score: str = ""
    tip: str = ""


def grid(photos: Iterable[Shown], line: str = "", below: int | None = None) -> str:
    """The photos; before the one at place `below` a line is drawn over the whole width, with words."""
    items = []
    for place, photo in enumerate(photos):
        if place == below:
            items.append(
                f'<li class="bl-fill" aria-hidden="true"></li><li class="bl-below">{safe(line)}</li>'
            )
        items.append(tile(photo))
    return f'<ul class="bl-photos">{"".join(items)}</ul>'


def tile(photo: Shown) -> str:
    """One photo, an item of the list."""
    path = safe(photo.path)
    word = f" bl-{photo.word}" if photo.word else ""
    return (
        f'<li style="--shape: {photo.shape:.4f}"><figure class="bl-photo{word}">'
        f'<a href="{safe(photo.link)}" target="_self">{_picture(photo)}</a><figcaption>'
        f'<div class="bl-name" title="{path}">{safe(photo.name)}</div>{_scores(photo)}'
        f'<div class="bl-path" title="{path}">{safe(photo.folder)}</div>{_versions(photo)}'
        f'<a class="bl-more-like" href="{safe(photo.like)}" target="_self" '
        f'aria-label="More like {safe(photo.name)}">more like this</a></figcaption></figure></li>'
    )


def _picture(photo: Shown) -> str:
    if photo.picture is None:
        why = safe(photo.instead)
        label = f'aria-label="{safe(photo.alt)}: {why}" title="{why}"'  # a small tile may not show it all
        return f'<div class="bl-gone" role="img" {label}>{why}</div>'
    return f'<img alt="{safe(photo.alt)}" src="{safe(photo.picture)}" loading="lazy" decoding="async">'


def _versions(photo: Shown) -> str:
    if not photo.versions:
        return ""
    words = f"+{photo.versions} version{'s' if photo.versions > 1 else ''}"
    if not photo.unfolded:
        return f'<span class="bl-versions">{words}</span>'
    return (
        f'<a class="bl-versions" href="{safe(photo.unfolded)}" target="_self" '
        f'aria-label="{words} of {safe(photo.name)}: show them">{words}</a>'
    )


def _scores(photo: Shown) -> str:
    if not photo.score:
        return ""
    bar = ""
    if photo.part is not None:
        part = min(max(photo.part, 0.0), 1.0)
        bar = f'<span class="bl-bar"><span style="--part: {part:.3f}"></span></span>'
    word = f"<b>{photo.word} match</b>" if photo.word else ""
    return (
        f'<div class="bl-scores" title="{safe(photo.tip)}">{word}{bar}<span>{safe(photo.score)}</span></div>'
    )
