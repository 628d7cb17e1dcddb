"""Why a file could not be decoded, in a short plain phrase, and whether another try could help."""

from __future__ import annotations

from PIL import Image, UnidentifiedImageError

# How the formats that are read begin, as (offset, bytes).
_SIGNATURES = (
    (0, b"\xff\xd8\xff"),
    (0, b"\x89PNG"),
    (8, b"WEBP"),
    (0, b"II*\0"),
    (0, b"MM\0*"),
    (0, b"BM"),
    (0, b"GIF8"),
    (4, b"ftyp"),
)
_CUT_SHORT = ("truncated", "end of file", "end of data", "unexpected end", "unexpected eof")


def reason_for(error: Exception, *, size: int, head: bytes) -> tuple[str, bool]:
    """The reason, and whether it is lasting: true when only another version of the file is worth a try.

    `size` is the file's length in bytes and `head` its first 16 bytes, or fewer when it could not be opened.
    """
    if isinstance(error, PermissionError):
        return "permission denied", False
    if isinstance(error, FileNotFoundError):
        return "vanished: it was listed, but gone when it was to be read", False
    if isinstance(error, OSError) and error.errno is not None:
        return f"cannot be read: {error.strerror or error}", False
    if isinstance(error, MemoryError):
        return "too large: not enough memory to decode it", True  # what a decoder may take is fixed
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return f"too large: {_first_line(error)}", True
    if isinstance(error, UnidentifiedImageError):
        return _unidentified(size, head), True
    if isinstance(error, EOFError) or any(sign in str(error).lower() for sign in _CUT_SHORT):
        return f"truncated: the picture goes on after the {size:,} bytes of the file", True
    return f"damaged or cut short: {_first_line(error)}", True


def _unidentified(size: int, head: bytes) -> str:
    if any(head[offset:].startswith(signature) for offset, signature in _SIGNATURES):
        return f"damaged or cut short: the header cannot be read, in a file of {size:,} bytes"
    return f"not an image: expected JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC or AVIF, found {head!r}"


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
