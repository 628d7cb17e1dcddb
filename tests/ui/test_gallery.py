"""The page's messages as HTML: every text from outside is text."""

from ui import gallery


def test_messages_are_escaped() -> None:
    html = (
        gallery.note("<b>", "a & b", "bridgelens index <FOLDER>") + gallery.line("<i>") + gallery.badge("<u>")
    )
    assert not any(tag in html for tag in ("<b>", "<i>", "<u>"))
    assert "&lt;b&gt;" in html
    assert "a &amp; b" in html
    assert "<code>bridgelens index &lt;FOLDER&gt;</code>" in html


def test_a_badge_is_read_out_when_it_changes() -> None:
    assert gallery.badge("re-ranking 4 of 15") == ('<p class="bl-badge" role="status">re-ranking 4 of 15</p>')
