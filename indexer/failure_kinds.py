"""Failures by kind: the words of a reason before its details, such as `truncated` or `permission denied`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from storage.records import Failure


def kind_of(reason: str) -> str:
    """The kind of a reason, as `indexer.reasons` and the scan word it: what stands before the colon."""
    return reason.partition(":")[0].strip()


def counts_by_kind(failures: Iterable[Failure]) -> dict[str, int]:
    """How many there are of each kind, most first, and equals by name."""
    counts = Counter(kind_of(failure.reason) for failure in failures)
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))


def is_of_kind(failure: Failure, kind: str) -> bool:
    """Whether the failure's kind begins with these words, upper or lower case."""
    return kind_of(failure.reason).lower().startswith(kind.strip().lower())
