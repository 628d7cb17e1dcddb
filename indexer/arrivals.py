"""What each file of a batch is: new, changed, moved, a copy, or the same as ever."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from indexer.reading import Read
from storage.library import Library
from storage.records import MissingFile

Kind: TypeAlias = Literal["added", "changed", "unchanged", "moved", "copies"]
# Missing files looked at beyond those that are needed: one may be there again, and waiting to be read.
_FURTHER = 8


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a file is, as a report counts it, and the missing file whose row it goes on with."""

    kind: Kind
    was: MissingFile | None = None


def judge(
    reads: Sequence[Read], photo_ids: Mapping[str, int], library: Library, gone_since: datetime
) -> list[Arrival]:
    """What each file of a batch is, in order, before the batch is stored.

    Args:
        reads: The files, their contents known.
        photo_ids: By content hash, the photos that the library had before the batch.
        library: With the files that this run found gone marked as missing.
        gone_since: The time of that mark: a place that is empty since then is where a photo moved from, and
            one that was empty before may just as well be a copy that was deleted.
    """
    held = library.photo_ids_at([read.file.path for read in reads])
    present = library.with_present_files(set(photo_ids.values()))
    new = [read for read in reads if read.file.path not in held]
    gone = _gone(Counter(photo_ids.get(read.facts.content_hash) for read in new), library)
    arrived: set[str] = set()
    arrivals = []
    for read in reads:
        content_hash = read.facts.content_hash
        photo_id, before = photo_ids.get(content_hash), held.get(read.file.path)
        was = None
        kind: Kind = "added"
        if before is not None:
            kind = "unchanged" if before == photo_id else "changed"
        elif photo_id is not None or content_hash in arrived:
            was = gone[photo_id].pop(0) if gone.get(photo_id) else None
            elsewhere = content_hash in arrived or photo_id in present
            kind = "copies" if elsewhere and not (was and was.since == gone_since) else "moved"
        arrived.add(content_hash)
        arrivals.append(Arrival(kind, was))
    return arrivals


def _gone(new: Mapping[int | None, int], library: Library) -> dict[int | None, list[MissingFile]]:
    """The missing files of each photo that so many new files hold; those that went last come first."""
    return {
        photo_id: [
            file
            for file in library.missing_files(photo_id, count + _FURTHER)
            if not os.path.lexists(file.path)
        ]
        for photo_id, count in new.items()
        if photo_id is not None
    }
