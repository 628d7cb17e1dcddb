"""The grid's HTML: every text from outside is text, every photo keeps its shape, every tile is a link."""

from dataclasses import replace
from typing import Any

from ui.tile_grid import STYLE, Shown, grid, tile

EVIL = '<img src=x onerror=alert(1)>".jpg'
PHOTO = Shown(
    picture="/media/1.jpg", instead="", alt="a.jpg", shape=1.5, name="1. a.jpg", path="/photos/a.jpg",
    folder="/photos", link="photo?id=7", like="?like=7",
)  # fmt: skip


def test_photo_is_a_link_in_its_shape_with_words_for_it() -> None:
    html = tile(PHOTO)
    assert '<li style="--shape: 1.5000">' in html
    assert '<a href="photo?id=7" target="_self"><img alt="a.jpg" src="/media/1.jpg"' in html
    assert '<a class="bl-more-like" href="?like=7" target="_self" aria-label="More like 1. a.jpg">' in html
    assert "bl-scores" not in html
    assert "aspect-ratio: var(--shape)" in STYLE


def test_a_match_is_a_word_a_bar_and_a_figure() -> None:
    html = tile(replace(PHOTO, word="likely", part=0.25, score="25.0%", tip="the probability"))
    assert 'class="bl-photo bl-likely"' in html
    assert '<div class="bl-scores" title="the probability"><b>likely match</b>' in html
    assert "--part: 0.250" in html
    assert "<span>25.0%</span>" in html


def test_folded_versions_are_a_link_where_there_is_a_way_to_them() -> None:
    html = tile(replace(PHOTO, versions=2, unfolded="?q=a&fold=false"))
    assert (
        '<a class="bl-versions" href="?q=a&amp;fold=false" target="_self" '
        'aria-label="+2 versions of 1. a.jpg: show them">+2 versions</a>'
    ) in html
    assert '<span class="bl-versions">+1 version</span>' in tile(replace(PHOTO, versions=1))
    assert "bl-versions" not in tile(replace(PHOTO, unfolded="?fold=false"))


def test_names_are_escaped_everywhere() -> None:
    known: dict[str, Any] = {
        "name": EVIL,
        "alt": EVIL,
        "path": EVIL,
        "folder": EVIL,
        "link": EVIL,
        "like": EVIL,
    }
    html = tile(replace(PHOTO, **known, versions=1, unfolded=EVIL))
    assert html.count("<img ") == 1
    assert "<img src=x" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;&quot;.jpg" in html


def test_a_photo_that_cannot_be_shown_says_why() -> None:
    html = tile(replace(PHOTO, picture=None, instead="empty file: <0> bytes"))
    assert "<img" not in html
    why = "empty file: &lt;0&gt; bytes"
    assert f'role="img" aria-label="a.jpg: {why}" title="{why}">{why}</div>' in html


def test_a_line_parts_the_weak_ones() -> None:
    html = grid([PHOTO, replace(PHOTO, name="2. b.jpg")], "Weak", below=1)
    assert html.index("1. a.jpg") < html.index('<li class="bl-below">Weak</li>') < html.index("2. b.jpg")
    assert "bl-below" not in grid([PHOTO])
