"""HTML of the pages: every text from outside is text."""

from __future__ import annotations

import base64
import io
import re

from PIL import Image

from indexer.thumbnail import thumbnail
from ui import markup
from ui.markup import Tile

HOSTILE = '<img src=x onerror=alert(1)>"'
ESCAPED = "&lt;img src=x onerror=alert(1)&gt;&quot;"


def test_table_cells_are_escaped_and_numbers_separated() -> None:
    html = markup.table(HOSTILE, (HOSTILE,), [(HOSTILE, 1234567)])
    assert html.count(ESCAPED) == 3
    assert "<img" not in html
    assert '<td class="bl-number">1,234,567</td>' in html


def test_tiles_are_escaped_in_text_and_attributes() -> None:
    html = markup.tiles([Tile(b"jpeg", HOSTILE, (HOSTILE,), HOSTILE), Tile(HOSTILE, "b")])
    assert html.count(ESCAPED) == 4
    assert html.count("<img") == 1


def test_a_thumbnail_is_said_to_be_what_its_bytes_are() -> None:
    html = markup.tiles([Tile(thumbnail(Image.new("RGB", (2, 2))), "a.jpg")])
    found = re.search('src="data:([^;]+);base64,([^"]+)"', html)
    assert found is not None
    with Image.open(io.BytesIO(base64.b64decode(found[2]))) as shown:
        assert (found[1], shown.size) == (Image.MIME[shown.format or ""], (2, 2))


def test_a_tile_leads_where_it_is_told_to() -> None:
    assert '<a href="photo?id=7&amp;among=7,8" target="_self"><img alt="b"' in markup.tiles(
        [Tile(b"webp", "b", link="photo?id=7&among=7,8")]
    )
    assert f'<a href="{ESCAPED}"' in markup.tiles([Tile("gone", "b", link=HOSTILE)])
    assert "<a " not in markup.tiles([Tile(b"webp", "b")])


def test_counts_are_escaped() -> None:
    assert markup.counts([("model", HOSTILE)]) == (
        f'<dl class="bl-counts"><div><dt>model</dt><dd>{ESCAPED}</dd></div></dl>'
    )


def test_names_that_turn_the_line_around_are_spelled_out() -> None:
    assert markup.safe("a\u202egnp.exe\udcff") == "a\\u202egnp.exe\\udcff"


def test_an_attribute_keeps_what_its_html_says() -> None:
    assert markup.safe_attribute("<p>\n'\"&") == "&lt;p&gt;\n&#x27;&quot;&amp;"
