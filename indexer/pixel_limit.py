"""The size above which a photo is not decoded, so that a small file cannot fill the memory."""

from __future__ import annotations

from indexer.errors import PhotoUnreadable

PIXEL_LIMIT = 300_000_000
"""Pixels of the largest photo that is decoded; 300 megapixels are 0.9 GB as RGB."""


DECODED_LIMIT = 120_000_000
"""Pixels of what a child process decodes; Pillow takes 4 bytes for each, and as many again to turn it.

A JPEG may have more, up to `PIXEL_LIMIT`: it is decoded at a fraction of its size.
"""


def refuse_too_large(path: str, width: int, height: int, limit: int | None = None) -> None:
    """Refuse a photo by its size.

    Raises:
        PhotoUnreadable: it has more pixels than `limit`, which is `PIXEL_LIMIT` when not given.
    """
    limit = PIXEL_LIMIT if limit is None else limit
    if width * height > limit:
        raise PhotoUnreadable(
            path,
            f"too large: {width:,} x {height:,} is {width * height / 1e6:,.0f} megapixels, "
            f"the limit is {limit / 1e6:,.0f}",
        )
