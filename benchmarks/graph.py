"""A graph with logarithmic axes as SVG, readable on a light page and on a dark one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape

Points = Sequence[tuple[float, float]]

LEFT, TOP, WIDTH, HEIGHT = 70, 40, 480, 260  # of the area with the lines, in pixels
RIGHT, BOTTOM = 170, 50  # beside it and below it
COLOURS = ("#2a78d6", "#c8553d", "#3c8d5a", "#8a63b8")  # each stands out on white and on black
STYLE = """
  text { font: 12px sans-serif; fill: #24292f }
  .grid { stroke: #8884; stroke-width: 1 }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } }
"""


def log_log(title: str, across: str, up: str, series: Mapping[str, Points]) -> str:
    """Lines through points, (across, up) each, all above 0; the axes go from one power of ten to another."""
    xs = decades(x for points in series.values() for x, _ in points)
    ys = decades(y for points in series.values() for _, y in points)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{LEFT + WIDTH + RIGHT}" '
        f'height="{TOP + HEIGHT + BOTTOM}"><title>{escape(title)}</title><style>{STYLE}</style>',
        f'<text x="{LEFT}" y="20" font-weight="bold">{escape(title)}</text>',
        f'<text x="{LEFT + WIDTH / 2:g}" y="{TOP + HEIGHT + 40}" text-anchor="middle">'
        f"{escape(across)}</text>",
        f'<text transform="translate(16 {TOP + HEIGHT / 2:g}) rotate(-90)" text-anchor="middle">'
        f"{escape(up)}</text>",
    ]
    for power in xs:
        x, name = LEFT + part(10.0**power, xs) * WIDTH, number(power)
        parts.append(f'<path class="grid" d="M{x:.1f} {TOP}V{TOP + HEIGHT}"/>')
        parts.append(f'<text x="{x:.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{name}</text>')
    for power in ys:
        y, name = TOP + HEIGHT - part(10.0**power, ys) * HEIGHT, number(power)
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{LEFT + WIDTH}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{name}</text>')
    for (name, points), colour in zip(series.items(), COLOURS, strict=False):
        parts += line(name, points, colour, xs, ys)
    return "\n".join([*parts, "</svg>\n"])


def line(name: str, points: Points, colour: str, xs: range, ys: range) -> list[str]:
    """One series: a line, a dot on each point, and its name behind the last."""
    places = [(LEFT + part(x, xs) * WIDTH, TOP + HEIGHT - part(y, ys) * HEIGHT) for x, y in sorted(points)]
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    last_x, last_y = places[-1]
    return [
        f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="2"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places),
        f'<text x="{last_x + 8:.1f}" y="{last_y + 4:.1f}" style="fill:{colour}">{escape(name)}</text>',
    ]


def decades(values: Iterable[float]) -> range:
    """The powers of ten from that below the least value to that above the greatest."""
    logs = [math.log10(value) for value in values]
    low, high = math.floor(min(logs)), math.ceil(max(logs))
    return range(low, max(high, low + 1) + 1)


def part(value: float, powers: range) -> float:
    """How far along an axis a value lies, from 0 to 1."""
    return (math.log10(value) - powers[0]) / (powers[-1] - powers[0])


def number(power: int) -> str:
    """A power of ten as people write it."""
    return f"{10**power:,}" if power >= 0 else f"{10.0**power:.{-power}f}"
