from __future__ import annotations

import errno

import pytest
from PIL import Image, UnidentifiedImageError

from indexer.reasons import reason_for

JPEG_HEAD = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "permission denied"),
        (
            FileNotFoundError(errno.ENOENT, "No such file"),
            "vanished: it was listed, but gone when it was to be read",
        ),
        (OSError(errno.EIO, "Input/output error"), "cannot be read: Input/output error"),
    ],
)
def test_what_the_file_is_not_to_blame_for_is_worth_another_try(error: Exception, reason: str) -> None:
    assert reason_for(error, size=1, head=b"") == (reason, False)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            OSError("image file is truncated (3 bytes not processed)"),
            "truncated: the picture goes on after the 1,024 bytes of the file",
        ),
        (EOFError(), "truncated: the picture goes on after the 1,024 bytes of the file"),
        (
            UnidentifiedImageError("cannot identify"),
            "damaged or cut short: the header cannot be read, in a file of 1,024 bytes",
        ),
        (
            Image.DecompressionBombError("Image size (9 pixels) exceeds\nlimit"),
            "too large: Image size (9 pixels) exceeds",
        ),
        (ValueError("bad Huffman code"), "damaged or cut short: bad Huffman code"),
        (MemoryError(), "too large: not enough memory to decode it"),
        (IndexError(), "damaged or cut short: IndexError"),
    ],
)
def test_what_the_bytes_are_to_blame_for_is_lasting(error: Exception, reason: str) -> None:
    assert reason_for(error, size=1024, head=JPEG_HEAD) == (reason, True)


def test_text_is_shown_by_how_it_begins() -> None:
    reason, lasting = reason_for(UnidentifiedImageError(), size=12, head=b"hello, world")
    assert (
        reason
        == "not an image: expected JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC or AVIF, found b'hello, world'"
    )
    assert lasting
