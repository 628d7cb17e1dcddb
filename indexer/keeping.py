"""What a run keeps of the photos it has decoded anyway: thumbnails for pages, crops for re-ranks."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.reading import Read
from indexer.report import Tally
from storage.library import Library
from storage.records import ModelRef


def keep(library: Library, model: ModelRef, reads: Sequence[Read], tally: Tally) -> None:
    """Keep them in the library's caches, where there is room; why one takes no more is noted once."""
    library.thumbnails.fill(
        {each.facts.content_hash: each.thumbnail for each in reads if each.thumbnail is not None}
    )
    crops = {each.facts.content_hash: each.crop for each in reads if each.crop is not None}
    library.pixels.fill(crops, model.fingerprint)
    problems = (library.thumbnails.problem, library.pixels.problem)
    tally.unkept = tuple(problem for problem in problems if problem is not None)
