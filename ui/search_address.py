"""All that the Search page is asked for, as the words behind the `?` of its address, and back.

What an address says is all there is to a search: a reload, the browser's way back and a link sent to somebody
repeat it. Only a picture that was dropped in is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from search.query import Query, Weighted
from storage.errors import FilterInvalid
from storage.filters import Box, Filter, Near
from ui.asking import in_words
from ui.errors import UiError
from ui.filtering import as_filter

PAGE = 24
"""Photos on the page until more are asked for."""
MOST = 240
"""Photos on the page at the most, so that no page grows heavy however large the library is."""
_MOST_PAGES = 10**9
APART = "versions of a photo apart"
"""What a search is called that does not fold them."""
_MOST_CAPTIONS = 8  # more of them come from no person, and each is judged
_FILTERS = {
    "in": "folders", "after": "after", "before": "before", "camera": "camera", "place": "place",
    "near": "near", "box": "box", "rating": "rating", "kind": "kind", "tag": "tag",
}  # fmt: skip
Params = dict[str, str | list[str]]


@dataclass(frozen=True)
class Asked:
    """What is looked for.

    Attributes:
        caption: What the photo shows, without the spaces around it.
        also: What it shows besides.
        unwanted: What it must not show.
        like: Id of a photo that those found resemble.
        wanted: Which photos may be found.
        rerank: Whether the cross-modal model judges the shortlist.
        fold: Whether versions of one photo become one match.
        count: How many photos to show, 1 to `MOST`.
        page: Which `MOST` of the newest photos to show, from 1; of the first page `count` are shown. A search
            has one page.
        left_out: What the address says beside this that cannot be understood, for people to read.
    """

    caption: str = ""
    also: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    like: int | None = None
    wanted: Filter = field(default_factory=Filter)
    rerank: bool = True
    fold: bool = True
    count: int = PAGE
    page: int = 1
    left_out: tuple[str, ...] = field(default=(), compare=False)

    @property
    def is_search(self) -> bool:
        """Whether there is anything to rank photos by; if not, the newest are shown."""
        return bool(self.caption or self.also or self.unwanted) or self.like is not None

    @property
    def window(self) -> tuple[int, int]:
        """How many of the newest photos to pass over, and how many to show after them."""
        return (self.page - 1) * MOST, self.count if self.page == 1 else MOST

    def first_page(self, **changes: Any) -> Asked:
        """The same with other words, from the top of the results again."""
        return replace(self, **{"count": PAGE, "page": 1, "left_out": (), **changes})


def from_params(params: Mapping[str, Sequence[str]]) -> Asked:
    """What an address asks for; what it says wrongly is left out, and named."""
    left_out: list[str] = []
    wanted = Filter()
    for name, parameter in _FILTERS.items():
        if params.get(name):
            wanted = _narrowed(wanted, name, parameter, params[name], left_out)
    if _last(params, "copies"):
        wanted = replace(wanted, copies=True)
    asked = Asked(
        caption=_last(params, "q").strip(),
        also=_captions(params, "and"),
        unwanted=_captions(params, "not"),
        like=_number(params, "like", 1, 2**63 - 1, left_out),
        wanted=wanted,
        rerank=_last(params, "rerank") != "false",
        fold=_last(params, "fold") != "false",
        count=_number(params, "k", 1, MOST, left_out) or PAGE,
        page=_number(params, "page", 1, _MOST_PAGES, left_out) or 1,
    )
    return replace(asked, left_out=tuple(left_out))


def as_params(asked: Asked) -> Params:
    """The shortest address that asks for this."""
    wanted = asked.wanted
    near = wanted.near
    said: dict[str, str | list[str] | None] = {
        "q": asked.caption,
        "and": list(asked.also),
        "not": list(asked.unwanted),
        "like": None if asked.like is None else str(asked.like),
        "in": list(wanted.folders),
        "after": None if wanted.taken_from is None else wanted.taken_from.isoformat(),
        "before": None if wanted.taken_to is None else wanted.taken_to.isoformat(),
        "camera": list(wanted.cameras),
        "place": list(wanted.places),
        "near": None if near is None else _circle(near),
        "box": None if wanted.box is None else _rectangle(wanted.box),
        "rating": None if wanted.rating is None else str(wanted.rating),
        "kind": list(wanted.kinds),
        "tag": list(wanted.tags),
        "copies": "true" if wanted.copies else None,
        "rerank": None if asked.rerank else "false",
        "fold": None if asked.fold else "false",
        "k": None if asked.count == PAGE else str(asked.count),
        "page": None if asked.page == 1 else str(asked.page),
    }
    return {name: value for name, value in said.items() if value}


def as_link(asked: Asked) -> str:
    """The address relative to the page itself."""
    return "?" + urlencode(as_params(asked), doseq=True)


def as_query(asked: Asked, like: Any = None) -> Query:
    """The query of a search; `like` is the path or the picture that those found resemble."""
    return Query(
        asked.caption, k=MOST, rerank=asked.rerank, also=tuple(map(Weighted, asked.also)),
        unwanted=asked.unwanted, like=like, fold=asked.fold,
        filter=None if asked.wanted == Filter() else asked.wanted,
    )  # fmt: skip


def as_words(asked: Asked) -> str:
    """The search in words, for a list of searches; as it was typed, fit for no page yet."""
    like = None if asked.like is None else f"photo {asked.like}"
    words = in_words(as_query(asked, like)) or "all photos"
    words += "" if asked.fold else f", {APART}"
    chosen = sum(getattr(asked.wanted, each.name) != each.default for each in fields(Filter))
    return f"{words}, {chosen} filter{'s' if chosen > 1 else ''}" if chosen else words


def _narrowed(
    wanted: Filter, name: str, parameter: str, values: Sequence[str], left_out: list[str]
) -> Filter:
    """The filter with one more part of the address, which may not be understood."""
    many: Any = list(map(Path, values)) if name == "in" else list(values)
    one = values[-1]
    try:
        if name == "rating":
            many = int(one)
        elif name in ("after", "before", "near", "box"):
            many = one
        part = as_filter(**{parameter: many}) or Filter()
        changed = {each.name: getattr(part, each.name) for each in fields(Filter)}
        return replace(wanted, **{key: value for key, value in changed.items() if value})
    except (UiError, FilterInvalid, ValueError) as error:
        left_out.append(f"{name}={one} ({error})")
        return wanted


def _last(params: Mapping[str, Sequence[str]], name: str) -> str:
    return params[name][-1] if params.get(name) else ""


def _captions(params: Mapping[str, Sequence[str]], name: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in params.get(name, ()) if each.strip())[:_MOST_CAPTIONS]


def _number(
    params: Mapping[str, Sequence[str]], name: str, least: int, most: int, left_out: list[str]
) -> int | None:
    text = _last(params, name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        left_out.append(f"{name}={text} (expected a number)")
        return None
    return min(max(int(text), least), most)


def _circle(near: Near) -> str:
    return f"{near.latitude:.10g},{near.longitude:.10g},{near.km:.10g}km"


def _rectangle(box: Box) -> str:
    return ",".join(f"{each:.10g}" for each in (box.south, box.west, box.north, box.east))
