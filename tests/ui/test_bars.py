"""Bars in HTML."""

from __future__ import annotations

from ui.bars import Bar, bars


def test_a_bar_is_as_long_as_its_number_and_another_colour_below_nothing() -> None:
    html = bars("What <b>words</b> add", [Bar("red", 1.0, "+8.0"), Bar("<i>a", -0.25, "-2.0")])
    assert html.startswith('<ul class="bl-bars" aria-label="What &lt;b&gt;words&lt;/b&gt; add">')
    red, other = html.split("<li>")[1:]
    assert 'class="bl-track"' in red and "width: 100.0%" in red and "+8.0" in red
    assert 'class="bl-track bl-against"' in other and "width: 25.0%" in other and "&lt;i&gt;a" in other
