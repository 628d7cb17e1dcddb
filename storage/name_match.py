"""Whether a name from the catalog is the one that somebody typed: without regard to case and accents.

This is Python, as SQLite's own LIKE takes only A and a to be the same, not Ü and ü; a library has few
different names of cameras and places.
"""

import unicodedata


def is_camera(typed: str, camera: str) -> bool:
    """Whether `typed` is a part of a camera's name, as `r5` of `Canon EOS R5`."""
    return _folded(typed) in _folded(camera)


def is_place(typed: str, place: str, country_code: str | None) -> bool:
    """Whether a place as `Munich, Bavaria, Germany` is meant: by its town, its region or its country.

    A name may be cut short after one of its words: `new york` finds New York City, and `york` does not. Two
    letters are a country's code, or a whole name, so that `de` does not find De Kalb. After a comma comes
    another name, which the place must have too: `springfield, illinois`.
    """
    names = [_folded(name) for name in place.split(",")]
    code = (country_code or "").casefold()
    asked = [part for each in typed.split(",") if (part := _folded(each))]
    return bool(asked) and all(part == code or any(_begins(name, part) for name in names) for part in asked)


def _begins(name: str, part: str) -> bool:
    if name == part:
        return True
    return len(part) > 2 and name.startswith(part) and not name[len(part)].isalnum()


def _folded(name: str) -> str:
    """In small letters without accents, spaces as single ones."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(each for each in parts if not unicodedata.combining(each)).split())
