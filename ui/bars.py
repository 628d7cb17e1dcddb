"""Numbers as labelled bars, in HTML. Every text from outside is escaped here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ui.markup import safe

STYLE = """
<style>
.bl-bars { list-style: none; margin: 0; padding: 0; max-width: 34rem; font-size: 0.875rem; }
.bl-bars li { display: grid; grid-template-columns: 9rem 1fr 4.5rem; gap: 0.75rem; align-items: center;
  margin: 0; padding: 0.15rem 0; }
.bl-bars .bl-word { overflow-wrap: anywhere; }
.bl-bars .bl-value { text-align: right; font-variant-numeric: tabular-nums; }
.bl-bars .bl-track { display: flex; height: 0.75rem; border-radius: 0.25rem;
  background: color-mix(in srgb, currentColor 10%, transparent); }
.bl-bars .bl-track span { border-radius: 0.25rem; background: var(--accent); }
.bl-bars .bl-against span { background: #b45309; }
</style>
"""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it is of, its length from -1 to 1, of another colour below 0, and the number in words."""

    label: str
    length: float
    value: str


def bars(name: str, each: Sequence[Bar]) -> str:
    """Bars one above another; `name` says to those who do not see them what they are."""
    return f'<ul class="bl-bars" aria-label="{safe(name)}">{"".join(map(_bar, each))}</ul>'


def _bar(bar: Bar) -> str:
    against = " bl-against" if bar.length < 0 else ""
    width = min(1.0, abs(bar.length))
    return (
        f'<li><span class="bl-word">{safe(bar.label)}</span>'
        f'<span class="bl-track{against}" aria-hidden="true"><span style="width: {width:.1%}"></span></span>'
        f'<span class="bl-value">{safe(bar.value)}</span></li>'
    )
