"""A report from a file is shown and can do nothing."""

from __future__ import annotations

from ui.web_pages.evaluation_section import harmless


def test_the_report_stays_inside_a_frame_without_rights() -> None:
    page = harmless(b'"><script>alert(1)</script>\xff')
    assert page.startswith('<iframe sandbox="" ')
    assert page.count("<") == 2, "the frame's own two tags"
    assert "&quot;&gt;&lt;script&gt;" in page
