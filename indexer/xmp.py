"""Caption, keywords and rating from an XMP packet, as photo programs write it into files and beside them.

Source: XMP Specification Part 1 (ISO 16684-1), properties dc:description, dc:title, dc:subject, xmp:Rating.
MicrosoftPhoto:Rating, in percent, is what Windows writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from storage.records import Description

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LONGEST_CAPTION = 10_000
"""Characters of a caption that are kept; people write a few lines."""
MOST_KEYWORDS = 1_000

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_RATING = "{http://ns.adobe.com/xap/1.0/}Rating"
_PERCENT = "{http://ns.microsoft.com/photo/1.0/}Rating"
_STARS_BY_PERCENT = {"0": 0, "1": 1, "25": 2, "50": 3, "75": 4, "99": 5}


def read_xmp(packet: bytes) -> Description:
    """What the packet says; broken XML says nothing, and never raises."""
    from defusedxml.ElementTree import fromstring

    try:
        # Programs pad a packet with spaces and zeros, so that they can write a longer one in its place.
        root = fromstring(packet.strip(b"\0 \t\r\n"))
    except Exception:  # the parser's own kinds of error, and those of the guards against XML bombs
        return Description()
    return Description(_caption(root), keywords(_items(root, f"{_DC}subject")), _rating(root))


def one_text(text: str | None) -> str | None:
    """Text for people: lines without trailing spaces, no control characters; None when nothing is left."""
    if text is None:
        return None
    lines = ("".join(c for c in line if c.isprintable() or c == "\t") for line in text.splitlines())
    return "\n".join(line.rstrip() for line in lines).strip()[:LONGEST_CAPTION] or None


def keywords(words: Iterable[str]) -> tuple[str, ...]:
    """Each keyword once, in order, on one line."""
    tidy = (" ".join((one_text(word) or "").split()) for word in words)
    return tuple(dict.fromkeys(word for word in tidy if word))[:MOST_KEYWORDS]


def stars(text: str | None) -> int | None:
    """A rating of -1 to 5 as a whole number; None when it is none."""
    try:
        rating = float(text or "")
    except ValueError:
        return None
    return round(rating) if -1 <= rating <= 5 else None


def _caption(root: Element) -> str | None:
    for name in (f"{_DC}description", f"{_DC}title"):
        for text in _items(root, name):
            if caption := one_text(text):
                return caption
    return None


def _rating(root: Element) -> int | None:
    rating = stars(_simple(root, _RATING))
    return _STARS_BY_PERCENT.get(_simple(root, _PERCENT) or "") if rating is None else rating


def _items(root: Element, name: str) -> Iterator[str]:
    """The texts of a property: its list's items, those of the default language first, or its own text."""
    for element in root.iter(name):
        # Only the list that the property is: a property inside itself would be gone through again and again.
        found = (item for each in element for item in each if item.tag == f"{_RDF}li")
        items = sorted(found, key=lambda item: item.get(_LANGUAGE) != "x-default")
        yield from (item.text or "" for item in items)
        if not items:
            yield element.text or ""
    yield from (each.get(name) or "" for each in root.iter(f"{_RDF}Description") if each.get(name))


def _simple(root: Element, name: str) -> str | None:
    """A property that is one value, written as an attribute or as an element."""
    for description in root.iter(f"{_RDF}Description"):
        value = description.get(name) or description.findtext(name)
        if value:
            return value.strip()
    return None
