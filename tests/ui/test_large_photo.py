"""One photo in HTML."""

from __future__ import annotations

from collections.abc import Callable

from ui.exported import ExportedPhoto
from ui.large_photo import facts, picture


def test_a_photo_has_its_own_shape_and_its_name_is_text(exported: Callable[..., ExportedPhoto]) -> None:
    photo = exported("x.png").record
    html = picture(b"JPEG", '"><script>', photo)
    assert html == (
        '<figure class="bl-large" style="--shape: 1.3333">'
        '<img alt="&quot;&gt;&lt;script&gt;" src="data:image/jpeg;base64,SlBFRw=="></figure>'
    )
    assert '<div class="bl-gone">no &lt;longer&gt; there</div>' in picture("no <longer> there", "x", photo)


def test_facts_keep_their_lines_and_are_text() -> None:
    assert facts([("caption", "one\n<two>")]) == (
        '<dl class="bl-facts"><dt>caption</dt><dd>one\n&lt;two&gt;</dd></dl>'
    )
