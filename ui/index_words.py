"""What a person is told when searches miss photos, or the search index is not what it should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from storage.index_file import IndexLag
from ui.settings import Settings

NOTICED = 5_000
"""Photos that the index file may lack before anybody notices: so many are read from the rows in a moment."""


def said(lag: IndexLag, not_embedded: Mapping[str, int], model: str, settings: Settings) -> Iterator[str]:
    """A sentence or two for each thing that is the matter, with what to do.

    `not_embedded` is as `storage.models.Models.lacking` gives it for the `model` of this name.
    """
    photos = sum(not_embedded.values())
    if photos:
        folders = ", ".join(sorted(not_embedded))
        yield (
            f"Photos that are not in the search index of {model} yet: {photos:,}, in {folders}. No caption "
            "finds them. Look for changes on the Library page, or in a terminal: "
            f"{settings.command('index FOLDER')}"
        )
    if lag.damaged:
        yield (
            "The search index on disk is damaged or gone. Searches find every photo all the same: the page "
            "makes the index anew from the library's catalog whenever it starts, which is slow for a large "
            f"library. This mends it for good: {settings.command('doctor')}"
        )
    elif lag.lacking > NOTICED:
        yield (
            f"The search index on disk lacks {lag.lacking:,} of {lag.embedded:,} photos, because a run goes "
            "on or was stopped. Searches find them all the same; the first one after a start is slow. The "
            f"next run that ends mends this: {settings.command('index FOLDER')}"
        )
