"""The parts of a search beside its caption, in words, each with the search that is left without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ui.search_address import APART, Asked

_LISTS = {"folders": "in: ", "cameras": "camera: ", "places": "place: ", "tags": "tag: ", "kinds": ""}


def parts(asked: Asked) -> Iterator[tuple[str, Asked]]:
    """Each part as it was typed, fit for no page yet, and what is asked for without it."""
    for each in asked.also:
        yield f"also: {each}", asked.first_page(also=_without(asked.also, each))
    for each in asked.unwanted:
        yield f"not: {each}", asked.first_page(unwanted=_without(asked.unwanted, each))
    if asked.like is not None:
        yield f"like photo {asked.like}", asked.first_page(like=None)
    if not asked.fold:
        yield APART, asked.first_page(fold=True)
    for words, change in _filter_parts(asked):
        yield words, asked.first_page(wanted=replace(asked.wanted, **change))


def _filter_parts(asked: Asked) -> Iterator[tuple[str, dict[str, Any]]]:
    wanted = asked.wanted
    for name, words in _LISTS.items():
        for each in getattr(wanted, name):
            yield f"{words}{each}", {name: _without(getattr(wanted, name), each)}
    if wanted.taken_from is not None:
        yield f"from {wanted.taken_from}", {"taken_from": None}
    if wanted.taken_to is not None:
        yield f"to {wanted.taken_to}", {"taken_to": None}
    if wanted.near is not None:
        yield f"within {wanted.near.km:g} km", {"near": None}
    if wanted.box is not None:
        yield "in a part of the map", {"box": None}
    if wanted.rating is not None:
        yield f"{wanted.rating} stars or more", {"rating": None}
    if wanted.copies:
        yield "more than one copy", {"copies": False}


def _without(values: tuple[str, ...], one: str) -> tuple[str, ...]:
    return tuple(each for each in values if each != one)
