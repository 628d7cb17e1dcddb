"""The page's HTML: every text from outside is text, every photo keeps its shape."""

from dataclasses import replace

from search.query import Match
from ui import gallery

EVIL = '<img src=x onerror=alert(1)>".jpg'


def match(path: str = "/photos/a.jpg", *, probability: float | None = 0.9) -> Match:
    return Match(1, 7, path, ("/photos/b.jpg",), 0.25, probability, 300, 200, None)


def test_photo_with_scores_name_and_copies() -> None:
    html = gallery.photos([match()], lambda _: b"RIFF")
    assert 'src="data:image/webp;base64,UklGRg=="' in html
    assert "--shape: 1.5000" in html
    assert "1. a.jpg" in html
    assert "<b>90.0%</b> match" in html
    assert "similarity 0.250" in html
    assert "+1 more" in html


def test_copies_and_versions_are_counted_together() -> None:
    best = replace(match(), folded=(match("/photos/c.jpg"), match("/photos/d.jpg")))
    assert "+3 more" in gallery.photos([best], lambda _: b"RIFF")


def test_without_rerank_there_is_no_match_score() -> None:
    assert "match</span>" not in gallery.photos([match(probability=None)], lambda _: b"")


def test_file_name_is_escaped_everywhere() -> None:
    html = gallery.photos([match(f"/photos/{EVIL}")], lambda _: b"RIFF")
    assert "<img src=x" not in html
    assert "1. &lt;img src=x onerror=alert(1)&gt;&quot;.jpg" in html
    assert html.count("<img ") == 1


def test_unreadable_photo_shows_why() -> None:
    html = gallery.photos([match()], lambda _: "empty file: <0> bytes")
    assert "<img" not in html
    assert "empty file: &lt;0&gt; bytes" in html


def test_note_and_line_are_escaped() -> None:
    html = gallery.note("<b>", "a & b", "bridgelens index <FOLDER>") + gallery.line("<i>")
    assert "<b>" not in html
    assert "<i>" not in html
    assert "&lt;b&gt;" in html
    assert "a &amp; b" in html
    assert "<code>bridgelens index &lt;FOLDER&gt;</code>" in html


def test_style_keeps_photos_in_their_shape() -> None:
    assert "aspect-ratio: var(--shape)" in gallery.STYLE
