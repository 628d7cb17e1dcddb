"""How large a library's caches may grow unless told; apart from all else, as settings are read before it."""

PIXEL_BYTES = 4_000_000_000
"""Bytes of photos as a model takes them: those of 26,000 photos at 224 pixels, of 9,000 at 384."""
