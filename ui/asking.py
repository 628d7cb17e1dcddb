"""What is typed after `search` to the parts of a `Query`, and a `Query` back to words."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ui.errors import UiError

if TYPE_CHECKING:
    from search.query import Query, Weighted

_WEIGHTED = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+)\s*\*\s*(.*)", re.DOTALL)
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+)\s*(ms|s)\s*", re.IGNORECASE)


def weighted(typed: Sequence[str]) -> "tuple[Weighted, ...]":
    """Captions as they are typed after --and: `snow` counts as much as the first one, `0.5*snow` half."""
    from search.query import Weighted

    found = ((_WEIGHTED.fullmatch(each), each) for each in typed)
    return tuple(
        Weighted(match[2], float(match[1])) if match is not None else Weighted(each) for match, each in found
    )


def seconds(typed: str | None) -> float | None:
    """A duration such as `300ms` or `2s`, in seconds.

    Raises:
        UiError: it is none, or it is nothing.
    """
    if typed is None:
        return None
    match = _DURATION.fullmatch(typed)
    value = 0.0 if match is None else float(match[1]) / (1000 if match[2].lower() == "ms" else 1)
    if value <= 0:
        raise UiError(f"--budget is {typed!r}: expected a time above 0 with its unit, as 300ms or 2s")
    return value


def photo_path(typed: Path | None) -> str | None:
    """The path of a photo as the library knows it: absolute, no symbolic links.

    A path that is not there may still be known, as that of a photo whose disk is away.
    """
    return None if typed is None else os.path.realpath(typed)


def in_words(query: "Query") -> str:
    """What a query asks for, its captions in quotes; the text is as it was typed, fit for no terminal yet."""
    parts = [f"\u201c{each.caption}\u201d" for each in query.wanted]
    if query.like is not None:
        name = os.path.basename(query.like) if isinstance(query.like, str) else ""
        parts.append(f"a photo like {name}" if name else "the photo given")
    text = " and ".join(parts)
    unwanted = " or ".join(f"\u201c{each.strip()}\u201d" for each in query.unwanted)
    return f"{text} without {unwanted}" if unwanted else text
