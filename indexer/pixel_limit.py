"""The size above which a photo is not decoded, so that a small file cannot fill the memory."""

from __future__ import annotations

from indexer.errors import PhotoUnreadable

PIXEL_LIMIT = 300_000_000
"""Pixels of the largest photo that is decoded; 300 megapixels are 0.9 GB as RGB."""


def refuse_too_large(path: str, width: int, height: int) -> None:
    """Refuse a photo by the size in its header.

    Raises:
        PhotoUnreadable: it has more than `PIXEL_LIMIT` pixels.
    """
    if width * height > PIXEL_LIMIT:
        raise PhotoUnreadable(
            path,
            f"too large: {width:,} x {height:,} is {width * height / 1e6:,.0f} megapixels, "
            f"the limit is {PIXEL_LIMIT / 1e6:,.0f}",
        )
